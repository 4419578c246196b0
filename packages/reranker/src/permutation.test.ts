import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parsePermutation } from './permutation.ts';

it('reads any answer as a permutation', () => {
  const answer = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.array(fc.integer({ min: -3, max: 40 })).map((list) => list.map((n) => `[${n}]`).join(' > ')),
  );
  fc.assert(
    fc.property(answer, fc.integer({ min: 0, max: 30 }), (answer, length) => {
      const { order, verdict, repaired } = parsePermutation(answer, length);
      expect(order.toSorted((a, b) => a - b)).toEqual([...Array(length).keys()]);
      if (verdict !== 'ok') expect(repaired).toBe(true);
    }),
  );
});

it.each([
  ['[2] > [1] > [3]', [1, 0, 2], 'ok', false],
  ['Here are the 3 passages: [3] > [1] > [2].', [2, 0, 1], 'ok', false], // a number in prose is no identifier
  ['<think>[1] > [2] > [3]</think>\n[3] > [2] > [1]', [2, 1, 0], 'ok', false],
  ['3, 1, 2', [2, 0, 1], 'ok', false],
  ['[３] > [１] > [２]', [2, 0, 1], 'ok', false], // full-width
  ['② > ① > ③', [1, 0, 2], 'ok', false],
  ['² > ¹ > ³', [1, 0, 2], 'ok', false],
  ['[٢] > [١] > [٣]', [1, 0, 2], 'ok', false], // Arabic-Indic
  ['[2] > [2] > [1] > [3]', [1, 0, 2], 'repetition', true],
  ['[3] > [2]', [2, 1, 0], 'missing', true],
  ['[2] > [1] > [3] > [9]', [1, 0, 2], 'ok', true], // a stranger is dropped
  ['[3]', [0, 1, 2], 'wrong format', true], // fewer than half
  ['I cannot do that.', [0, 1, 2], 'wrong format', true],
  ['', [0, 1, 2], 'wrong format', true],
])('reads %j', (answer, order, verdict, repaired) => {
  expect(parsePermutation(answer, 3)).toEqual({ order, verdict, repaired });
});
