import { createReranker } from '@resift/core';
import { expect, it } from 'vitest';
import { labelled } from './labelled.ts';

const documents = ['a', 'b', 'c', 'd'].map((id) => ({ id, text: id }));
const fixed = createReranker({ id: 'fixed', scale: 'probability', score: async () => ({ values: [0.1, 0.4, 0.8, 0.79] }) });

it('says each probability in words, thresholds included', async () => {
  const { items } = await labelled(fixed, { veryLikely: 0.8, likely: 0.4 }).rerank('q', documents);
  expect(items.map(({ document, label }) => [document.id, label])).toEqual([
    ['c', 'very likely'],
    ['d', 'likely'],
    ['b', 'likely'],
    ['a', 'unlikely'],
  ]);
});

it.each([
  [0.4, 0.8],
  [0.5, 0],
  [1.5, 0.5],
  [Number.NaN, 0.5],
])('refuses veryLikely %d and likely %d', (veryLikely, likely) => {
  expect(() => labelled(fixed, { veryLikely, likely })).toThrow('likely <= veryLikely');
});
