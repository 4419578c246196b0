import type { ViteUserConfig } from 'vitest/config';

// Node and Vite add `import` or `require` by who asks. Given here, `import` would hold for `require`, too, and break packages of both kinds (pg).
const conditions = ['@resift/source', 'node'];

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
