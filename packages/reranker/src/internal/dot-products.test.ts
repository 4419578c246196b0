import fc from 'fast-check';
import { expect, it } from 'vitest';
import { wasmMultiply } from './dot-products.ts';
import { dotTiles } from './dot-tiles.ts';

const shapes = fc.record({
  rows: fc.integer({ min: 1, max: 11 }),
  columns: fc.integer({ min: 1, max: 9 }),
  size: fc.integer({ min: 1, max: 70 }),
});
const float = fc.float({ min: -1, max: 1, noNaN: true });
const int8 = fc.integer({ min: -127, max: 127 });
const inputs = shapes.chain((shape) =>
  fc.record({
    ...Object.fromEntries(Object.entries(shape).map(([name, value]) => [name, fc.constant(value)])),
    query: fc.array(float, { minLength: shape.rows * shape.size, maxLength: shape.rows * shape.size }).map((all) => new Float32Array(all)),
    document: fc
      .array(int8, { minLength: shape.columns * shape.size, maxLength: shape.columns * shape.size })
      .map((all) => Int8Array.from(all)),
  }),
) as unknown as fc.Arbitrary<Parameters<typeof dotTiles>[0]>;

const wasm = wasmMultiply()!;

it.each([
  ['the kernel', wasm],
  ['the tiles', dotTiles],
])('%s multiplies each token with each, for any shape and in any order of calls', (_, multiply) => {
  fc.assert(
    fc.property(inputs, (input) => {
      const { query, rows, document, columns, size } = input;
      const table = new Float64Array(rows * columns).fill(Number.NaN);
      multiply(input, table);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          let sum = 0;
          for (let k = 0; k < size; k++) sum += query[i * size + k]! * document[j * size + k]!;
          expect(Math.abs(table[i * columns + j]! - sum)).toBeLessThan(127 * size * 1e-6);
        }
      }
    }),
    { numRuns: 300 },
  );
});

it('gives a token the same product wherever it stands, to the last bit', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const { query, rows, document, columns, size } = input;
      const whole = new Float64Array(rows * columns);
      wasm(input, whole);
      const alone = new Float64Array(1);
      const [i, j] = [rows - 1, columns - 1];
      wasm({ query: query.slice(i * size), rows: 1, document: document.slice(j * size), columns: 1, size }, alone);
      expect(alone[0]).toBe(whole[i * columns + j]);
    }),
  );
});

it('grows its memory for a long document', () => {
  const [rows, columns, size] = [5, 3_000, 48];
  const table = new Float64Array(rows * columns);
  wasm({ query: new Float32Array(rows * size).fill(0.5), rows, document: new Int8Array(columns * size).fill(2), columns, size }, table);
  expect(table.every((value) => value === 48)).toBe(true);
});
