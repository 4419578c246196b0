import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Passage } from '../session/api-shapes.ts';
import { bumpLayout, movement } from './bump-layout.ts';

const results = (ranks: readonly number[]): Passage[] =>
  ranks.map((rank) => ({ id: `p${rank}`, document_id: 'd', text: '', scale: 'probability', first_stage: { rank, score: 0 } }));

it('puts a passage from far below right under the first ones', () => {
  const { ways, rows } = bumpLayout(results([9, 1, 2, 3, 4, 5, 6, 7, 8]), 2);
  expect(ways.map(({ passage, fromRow, toRow, gained }) => [passage.id, fromRow, toRow, gained])).toEqual([
    ['p9', 2, 0, 8],
    ['p1', 0, 1, -1],
    ['p2', 1, 2, -1],
  ]);
  expect(rows).toBe(3);
  expect(movement(results([9, 1, 2, 3]), 2)).toBe('The passage that is first now was at 9. 1 of the first 2 came from below 2.');
});

it('gives every passage a row of its own on either side', () => {
  const order = fc.integer({ min: 1, max: 40 }).chain((n) =>
    fc.shuffledSubarray(
      Array.from({ length: n }, (_, i) => i + 1),
      { minLength: n },
    ),
  );
  fc.assert(
    fc.property(order, fc.integer({ min: 1, max: 12 }), (ranks, depth) => {
      const { ways, rows } = bumpLayout(results(ranks), depth);
      expect(new Set(ways.map(({ fromRow }) => fromRow)).size).toBe(ways.length);
      expect(new Set(ways.map(({ toRow }) => toRow)).size).toBe(ways.length);
      expect(Math.min(ranks.length, depth)).toBeLessThanOrEqual(rows);
    }),
  );
});
