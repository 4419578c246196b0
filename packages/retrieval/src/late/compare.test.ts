import { onGrid } from '@resift/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { seeded } from '../internal/seeded.ts';
import { unitRows } from '../plaid/unit-rows.ts';
import { comparePlainly, compareWith } from './compare.ts';

function vectors(count: number, size: number, seed: number) {
  const random = seeded(seed);
  const rows = Float32Array.from({ length: count * size }, () => random() - 0.5);
  unitRows(rows, size);
  return rows;
}

const document = (count: number, size: number, seed: number) => onGrid({ count, dimensions: size, data: vectors(count, size, seed) });

it('gives what plain loops give, for any sizes, on the grid and off it', () => {
  const sizes = fc.record({
    size: fc.integer({ min: 1, max: 200 }),
    rows: fc.integer({ min: 0, max: 30 }),
    count: fc.integer({ min: 0, max: 40 }),
    seed: fc.nat(1_000),
  });
  fc.assert(
    fc.property(sizes, ({ size, rows, count, seed }) => {
      const query = vectors(rows, size, seed + 1);
      const tokens = document(count, size, seed);
      const plain = comparePlainly(query, size)(tokens);
      expect(Math.abs(compareWith(query, size)(tokens) - plain)).toBeLessThan(1e-4);
      const floats = { count, dimensions: size, data: vectors(count, size, seed) };
      expect(compareWith(query, size)(floats)).toBe(compareWith(query, size)(tokens));
    }),
    { seed: 5, numRuns: 200 },
  );
});

it('keeps queries at once apart', () => {
  const [a, b] = [compareWith(vectors(22, 192, 1), 192), compareWith(vectors(5, 192, 2), 192)];
  const tokens = [document(90, 192, 3), document(3, 192, 4), document(400, 192, 5)];
  const alone = [tokens.map(a), tokens.map(b)];
  for (const one of tokens.keys()) expect([a(tokens[one]!), b(tokens[one]!)]).toEqual([alone[0]![one], alone[1]![one]]);
});
