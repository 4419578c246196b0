import { expect, it } from 'vitest';
import { fuse } from './fuse.ts';

const list = (...ids: string[]) => ids.map((id, i) => ({ document: { id, text: id }, score: 100 - i }));
const ids = (lists: ReturnType<typeof list>[], options = {}) => fuse(lists, options).map(({ document }) => document.id);

it('prefers what several lists agree on', () => {
  expect(ids([list('a', 'b', 'c'), list('b', 'd')])).toEqual(['b', 'a', 'd', 'c']);
});

it('gives 1 / (k + rank), ranks from 1', () => {
  expect(fuse([list('a')], { k: 60 })[0]?.score).toBeCloseTo(1 / 61, 12);
});

it('lets a heavier list win', () => {
  expect(ids([list('a', 'b'), list('b', 'a')], { weights: [1, 3] })).toEqual(['b', 'a']);
});
