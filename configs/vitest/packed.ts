import { defineConfig } from 'vitest/config';

/** The packages as a stranger gets them: tarballs, installed into an empty project. */
export default defineConfig({
  test: {
    root: '.',
    pool: 'forks',
    include: ['test/packed/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
