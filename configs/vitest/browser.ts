import type { ViteUserConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

/** The page in the system's Chromium. It must have been built: `npm test` does that first. */
const config: ViteUserConfig = {
  ...base,
  test: {
    ...base.test,
    root: '.',
    include: ['test/browser/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
};

export default config;
