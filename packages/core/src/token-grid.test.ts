import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TokenVectors } from './embedder.ts';
import { offGrid, onGrid } from './token-grid.ts';

const rows = (dimensions: number): fc.Arbitrary<TokenVectors> =>
  fc
    .array(fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: dimensions, maxLength: dimensions }), { maxLength: 5 })
    .map((all) => ({ count: all.length, dimensions, data: new Float32Array(all.flat()) }));

it('moves no number by more than half a step, and what lies on the grid not at all', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }).chain(rows), (tokens) => {
      const snapped = onGrid(tokens);
      expect(onGrid(snapped)).toBe(snapped);
      for (const [k, value] of offGrid(snapped).entries()) {
        const step = snapped.scales[Math.floor(k / tokens.dimensions)]!;
        expect(Math.abs(value - tokens.data[k]!)).toBeLessThanOrEqual(step * 0.5001 + 1e-30);
      }
    }),
  );
});

it('rounds as the training code does', () => {
  const { data, scales } = onGrid({ count: 3, dimensions: 4, data: Float32Array.of(0.5, -1, 0.25, 0.1, 0, 0, 0, 0, 1e-46, 0.2, 0, -0.2) });
  expect([...scales]).toEqual([Math.fround(1 / 127), 0, Math.fround(Math.fround(0.2) / 127)]);
  expect([...data].map((value) => value + 0)).toEqual([64, -127, 32, 13, 0, 0, 0, 0, 0, 127, 0, -127]);
});

it('rounds halves to the even number', () => {
  // 127 / 127 is a scale of exactly 1.
  expect(
    [...onGrid({ count: 1, dimensions: 6, data: Float32Array.of(127, 0.5, 1.5, 2.5, -0.5, -1.5) }).data].map((value) => value + 0),
  ).toEqual([127, 0, 2, 2, 0, -2]);
});

it('lets nothing finite come out of what is not finite', () => {
  for (const wrong of [Number.NaN, Infinity, -Infinity]) {
    const { scales } = onGrid({ count: 1, dimensions: 3, data: Float32Array.of(0.5, wrong, 0.1) });
    expect(Number.isFinite(scales[0])).toBe(false);
  }
});
