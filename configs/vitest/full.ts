import type { ViteUserConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

/** The long drills of `npm run test:full`. */
const config: ViteUserConfig = {
  ...base,
  test: {
    ...base.test,
    root: '.',
    include: ['test/full/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    testTimeout: 1_800_000,
    hookTimeout: 600_000,
    fileParallelism: false,
    globalSetup: 'test/packed/remove-packs.ts',
  },
};

export default config;
