import type { ViteUserConfig } from 'vitest/config';

const conditions = ['@resift/source', 'node', 'import', 'module', 'default'];

const config: ViteUserConfig = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    pool: 'forks',
    include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'evals/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', 'test/packed/**', 'test/full/**', 'test/browser/**'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
};

export default config;
