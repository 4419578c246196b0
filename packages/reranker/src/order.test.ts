import { createReranker } from '@resift/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bestAtTheEnds, diverse } from './order.ts';

const ranked = (scores: Record<string, number>, scale: 'probability' | 'logit' = 'probability') =>
  createReranker({ id: 'fixed', scale, score: async () => ({ values: Object.values(scores) }) }).rerank(
    'q',
    Object.keys(scores).map((text) => ({ id: text, text })),
  );
const sameLetter = (a: { text: string }, b: { text: string }) => (a.text[0] === b.text[0] ? 1 : 0);
const texts = (list: readonly { text: string }[]) => list.map(({ text }) => text);

it('puts near copies behind, the more the smaller lambda is', async () => {
  const ranking = await ranked({ a1: 0.9, a2: 0.85, a3: 0.8, b1: 0.6 });
  expect(texts(diverse(ranking, sameLetter))).toEqual(['a1', 'b1', 'a2', 'a3']);
  expect(texts(diverse(ranking, sameLetter, { lambda: 1 }))).toEqual(['a1', 'a2', 'a3', 'b1']);
  expect(texts(diverse(ranking, sameLetter, { topK: 2 }))).toEqual(['a1', 'b1']);
  expect(texts(diverse(await ranked({ a1: 40, a2: 38, b1: -40 }, 'logit'), sameLetter, { lambda: 0.9 }))).toEqual(['a1', 'a2', 'b1']);
  expect(diverse(await ranked({}), sameLetter)).toEqual([]);
  expect(() => diverse(ranking, sameLetter, { lambda: 2 })).toThrow('lambda');
});

it('puts the best at the ends', () => {
  expect(bestAtTheEnds([1, 2, 3, 4, 5, 6])).toEqual([1, 3, 5, 6, 4, 2]);
  expect(bestAtTheEnds([1, 2, 3])).toEqual([1, 3, 2]);
  fc.assert(
    fc.property(fc.array(fc.nat()), (list) => {
      expect(bestAtTheEnds(list).toSorted()).toEqual(list.toSorted());
    }),
  );
});
