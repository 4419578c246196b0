import fc from 'fast-check';
import { expect, it } from 'vitest';
import { creditClicks, teamDraft } from './interleave.ts';
import { seeded } from './internal/seeded.ts';

const lists = fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { maxLength: 15 });

it('holds every item of both lists once, and each round draws from both', () => {
  fc.assert(
    fc.property(lists, lists, fc.integer(), (first, second, seed) => {
      const { items, teams } = teamDraft(first, second, seeded(seed));
      expect(new Set(items)).toEqual(new Set([...first, ...second]));
      expect(items).toHaveLength(new Set(items).size);
      for (const team of ['first', 'second'] as const) {
        const list = team === 'first' ? first : second;
        const drawn = items.filter((_, i) => teams[i] === team).map((item) => list.indexOf(item));
        expect(drawn).toEqual(drawn.toSorted((a, b) => a - b));
      }
    }),
  );
});

it('favours neither list: clicks on the first place credit both alike', () => {
  const random = seeded(5);
  let sum = 0;
  for (let i = 0; i < 4000; i++) sum += creditClicks(teamDraft(['a', 'b'], ['b', 'a'], random), [0]);
  expect(Math.abs(sum / 4000)).toBeLessThan(0.05);
});

it('credits the list that won more clicks, each place once', () => {
  const drawn = { items: ['a', 'b', 'c'], teams: ['first', 'second', 'second'] as const };
  expect(creditClicks(drawn, [0])).toBe(-1);
  expect(creditClicks(drawn, [1, 2, 0])).toBe(1);
  expect(creditClicks(drawn, [0, 1, 1, 1])).toBe(0);
  expect(creditClicks(drawn, [9])).toBe(0);
});
