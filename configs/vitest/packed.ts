import type { ViteUserConfig } from 'vitest/config';

/** The packages as a stranger gets them: tarballs, installed into an empty project. */
const config: ViteUserConfig = {
  test: {
    root: '.',
    pool: 'forks',
    include: ['test/packed/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    globalSetup: 'test/packed/remove-packs.ts',
  },
};

export default config;
