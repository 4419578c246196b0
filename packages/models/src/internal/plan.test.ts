import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planGroups } from './plan.ts';

const load = (groups: readonly (readonly (readonly number[])[])[], lengths: readonly number[]) =>
  groups.map((batches) => batches.flat().reduce((sum, position) => sum + lengths[position]!, 0));

it('plans every input once, in groups that hold no more than allowed unless one input is longer', () => {
  const lengths = fc.array(fc.integer({ min: 2, max: 256 }), { maxLength: 200 });
  const limits = fc.record({
    batch: fc.constantFrom(1, 8, undefined),
    groupTokens: fc.integer({ min: 64, max: 2048 }),
    workers: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(lengths, limits, (lengths, limits) => {
      const groups = planGroups(lengths, limits);
      expect(groups.flat(2).toSorted((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
      for (const batches of groups) {
        const padded = batches.map((batch) => batch.length * Math.max(...batch.map((position) => lengths[position]!)));
        if (batches.flat().length > 1) expect(padded.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(limits.groupTokens);
      }
    }),
  );
});

it.each([1, 2, 4])('gives %i workers about as much to do each, although long inputs come first', (workers) => {
  const lengths = Array.from({ length: 100 }, (_, i) => 30 + ((i * 37) % 80));
  const loads = load(planGroups(lengths, { batch: 1, groupTokens: 2048, workers }), lengths);
  // Each free worker takes the next group.
  const busy = new Array<number>(workers).fill(0);
  for (const tokens of loads) busy[busy.indexOf(Math.min(...busy))]! += tokens;
  const total = lengths.reduce((sum, length) => sum + length, 0);
  expect(Math.max(...busy)).toBeLessThan((1.05 * total) / workers);
});

it('lets no worker idle while another has two inputs', () => {
  expect(planGroups([9, 9], { groupTokens: 2048, workers: 2 })).toEqual([[[0]], [[1]]]);
  expect(planGroups([200, 5, 5, 5, 5], { groupTokens: 2048, workers: 2 })).toEqual([[[0]], [[1, 2, 3, 4]]]);
  expect(planGroups([], { groupTokens: 2048, workers: 2 })).toEqual([]);
});

it('leaves out what the budget does not reach', () => {
  expect(planGroups([5, 5, 5], { groupTokens: 2048, workers: 1, tokenBudget: 11 })).toEqual([[[0, 1]]]);
});
