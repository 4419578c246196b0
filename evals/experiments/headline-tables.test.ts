import { expect, it } from 'vitest';
import { headlineTables } from './headline-tables.ts';

const files = (names?: string[]) => headlineTables(names).map(({ file }) => file);

it('measures the claim first, the rest when asked', () => {
  expect(files()).toEqual(['headline', 'headline-traps', 'headline-pools']);
  expect(files(['search', 'main'])).toEqual(['headline-search', 'headline']);
  expect(() => files(['everything'])).toThrow('expected main, traps, pools, search, top5');
});
