import { mergeConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

/** The long drills of `npm run test:full`. */
export default mergeConfig(
  { ...base, test: { ...base.test, include: [], exclude: ['**/node_modules/**'] } },
  { test: { root: '.', include: ['test/full/**/*.test.ts'], testTimeout: 1_800_000, hookTimeout: 600_000, fileParallelism: false } },
);
