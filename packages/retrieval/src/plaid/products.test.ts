import fc from 'fast-check';
import { expect, it } from 'vitest';
import { plainProducts, products } from './products.ts';

const numbers = fc.float({ min: -1, max: 1, noNaN: true });
const tables = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 11 }), fc.integer({ min: 0, max: 7 }))
  .chain(([size, rows, columns]) => {
    const table = (count: number) =>
      fc.array(numbers, { minLength: count * size, maxLength: count * size }).map((values) => Float32Array.from(values));
    return fc.tuple(fc.constant(size), table(rows), table(columns));
  });

it('gives every dot product, for any number and size of rows', () => {
  fc.assert(
    fc.property(tables, ([size, a, b]) => {
      const plain = plainProducts(a, b, size);
      const fast = products(a, b, size);
      expect(fast.length).toBe((a.length / size) * (b.length / size));
      for (const [i, value] of plain.entries()) expect(fast[i]).toBeCloseTo(value, 4);
      for (const [i, value] of plain.entries()) {
        const row = Math.floor((i * size) / b.length) * size;
        const column = (i % (b.length / size)) * size;
        expect(value).toBeCloseTo(
          a.subarray(row, row + size).reduce((sum, x, k) => sum + x * b[column + k]!, 0),
          4,
        );
      }
    }),
  );
});

it('gives the same product wherever a row stands, and after larger tables', () => {
  const size = 12;
  const a = Float32Array.from({ length: 9 * size }, (_, i) => Math.sin(i));
  const b = Float32Array.from({ length: 5 * size }, (_, i) => Math.cos(3 * i));
  const whole = products(a, b, size);
  products(new Float32Array(400 * size).fill(Number.NaN), new Float32Array(300 * size).fill(Number.NaN), size);
  for (let i = 0; i < 9; i++) {
    expect(products(a.subarray(i * size, (i + 1) * size), b, size)).toEqual(whole.subarray(i * 5, (i + 1) * 5));
  }
});
