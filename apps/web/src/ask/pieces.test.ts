import fc from 'fast-check';
import { expect, it } from 'vitest';
import { piecesOf } from './pieces.ts';

const citation = (start: number, end: number) => ({ source: 's', start, end, quote: 'q', quote_start: 0, quote_end: 1 });

it('marks what is cited and puts the chip and the verdict where they end', () => {
  const answer = 'In Aspen. Or not.';
  const sentences = [
    { start: 0, end: 9, score: 0.9, supported: true },
    { start: 10, end: 17, score: 0.1, supported: false },
  ];
  expect(
    piecesOf(answer, [citation(3, 8)], sentences).map(({ text, cited, chips, supported, verdict }) => [
      text,
      cited,
      chips.length,
      supported,
      verdict?.score,
    ]),
  ).toEqual([
    ['In ', false, 0, true, undefined],
    ['Aspen', true, 1, true, undefined],
    ['.', false, 0, true, 0.9],
    [' ', false, 0, undefined, undefined],
    ['Or not.', false, 0, false, 0.1],
  ]);
});

it('loses no character, wherever the ranges lie', () => {
  const range = fc.tuple(fc.nat(60), fc.nat(60)).map(([a, b]) => citation(Math.min(a, b), Math.max(a, b)));
  fc.assert(
    fc.property(fc.string({ maxLength: 50 }), fc.array(range), (answer, citations) => {
      const pieces = piecesOf(answer, citations);
      expect(pieces.map(({ text }) => text).join('')).toBe(answer);
      expect(pieces.every(({ text }) => text !== '')).toBe(true);
    }),
  );
});
