import { offGrid, onGrid, type TokenVectors } from '@resift/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bestMatches, maxSim, mean, softMatches } from './maxsim.ts';

const vectors = (dimensions: number): fc.Arbitrary<TokenVectors> =>
  fc
    .array(fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: dimensions, maxLength: dimensions }), { maxLength: 9 })
    .map((rows) => ({ count: rows.length, dimensions, data: new Float32Array(rows.flat()) }));
const pairs = fc.integer({ min: 1, max: 11 }).chain((dimensions) => fc.tuple(vectors(dimensions), vectors(dimensions)));

const row = (tokens: TokenVectors, i: number) => [...offGrid(tokens).subarray(i * tokens.dimensions, (i + 1) * tokens.dimensions)];
const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

it('finds for each query token the best dot product and its place, for any dimension', () => {
  fc.assert(
    fc.property(pairs, ([query, fresh]) => {
      const document = onGrid(fresh);
      const best = new Float64Array(query.count);
      const places = new Int32Array(query.count);
      const soft = new Float64Array(query.count);
      softMatches(query, fresh, best, soft);
      bestMatches(query, document, best, places);
      for (let i = 0; i < query.count; i++) {
        const dots = Array.from({ length: document.count }, (_, j) => dot(row(query, i), row(document, j)));
        expect(best[i]).toBeCloseTo(dots.length === 0 ? 0 : Math.max(...dots), 5);
        if (dots.length === 0) expect(places[i]).toBe(-1);
        else expect(soft[i]).toBeCloseTo(Math.log(dots.reduce((sum, value) => sum + Math.exp(12 * value), 0)) / 12, 5);
        if (dots.length > 0) expect(dots[places[i]!]).toBeCloseTo(best[i]!, 5);
      }
    }),
  );
});

it('gives what lies on the grid the very number of what is snapped to it, so that kept vectors score as fresh ones', () => {
  fc.assert(
    fc.property(pairs, ([query, fresh]) => {
      expect(maxSim(query, onGrid(fresh))).toBe(maxSim(query, fresh));
    }),
  );
});

it('is a mean, so that a repeated query token changes nothing', () => {
  const document = { count: 2, dimensions: 2, data: new Float32Array([1, 0, 0.6, 0.8]) };
  expect(maxSim({ count: 1, dimensions: 2, data: new Float32Array([0, 1]) }, document)).toBeCloseTo(0.8, 6);
  expect(maxSim({ count: 2, dimensions: 2, data: new Float32Array([0, 1, 0, 1]) }, document)).toBeCloseTo(0.8, 6);
  expect(maxSim({ count: 0, dimensions: 2, data: new Float32Array() }, document)).toBe(0);
});

it('weighs', () => {
  expect(mean([1, 0], [3, 1])).toBe(0.75);
  expect(mean([1, 0], [0, 0])).toBe(0);
});
