import react from '@vitejs/plugin-react';
import { defineConfig, type UserConfig } from 'vite';

const config: UserConfig = defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    // Everything as a file of its own: the page's policy allows no data: URL and no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  // `vite dev` beside a running API.
  server: { proxy: { '/v1': 'http://127.0.0.1:3000', '/metrics': 'http://127.0.0.1:3000', '/readyz': 'http://127.0.0.1:3000' } },
});

export default config;
