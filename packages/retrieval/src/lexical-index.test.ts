import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createAnalyzer } from './analyze.ts';
import { createLexicalIndex } from './lexical-index.ts';

const analyze = createAnalyzer({ stemming: 'none', stopWords: 'none' });
const text = fc.array(fc.constantFrom('ship', 'rock', 'fog', 'bell', 'tide'), { maxLength: 8 }).map((words) => words.join(' '));
const change = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), text: fc.option(text), tag: fc.constantFrom('x', 'y') });

it('after any adds, replacements and removals scores like a fresh index over what is left', () => {
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 40 }),
      text,
      fc.constantFrom([], [['x']], [['x', 'y']], [['x'], ['y']], [[]]),
      (changes, query, groups) => {
        const index = createLexicalIndex(analyze);
        const left = new Map<string, { text: string; tag: string }>();
        for (const [i, { key, text, tag }] of changes.entries()) {
          if (text === null) {
            expect(index.remove(key)).toBe(left.delete(key));
          } else {
            index.add(key, text, [tag]);
            left.set(key, { text, tag });
          }
          if (i % 7 === 0) index.search('ship fog', 3); // a search cleans lists up
        }
        const fresh = createLexicalIndex(analyze);
        for (const [key, { text, tag }] of left) fresh.add(key, text, [tag]);
        expect(index.size).toBe(left.size);
        expect(index.search(query, 10, groups)).toEqual(fresh.search(query, 10, groups));
      },
    ),
  );
});

it('stays exact when it gives the room of removed texts back', () => {
  const index = createLexicalIndex(analyze);
  for (let i = 0; i < 5_000; i++) {
    index.add(`k${i}`, `ship number ${i}`, [`t${i % 3}`]);
    if (i >= 10) index.remove(`k${i - 10}`);
  }
  const fresh = createLexicalIndex(analyze);
  for (let i = 4_990; i < 5_000; i++) fresh.add(`k${i}`, `ship number ${i}`, [`t${i % 3}`]);
  expect(index.search('ship 4995', 20)).toEqual(fresh.search('ship 4995', 20));
  expect(index.search('ship', 20, [['t1']])).toEqual(fresh.search('ship', 20, [['t1']]));
});

it('gives the best of many, as sorting all would', () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (texts, topK) => {
      const index = createLexicalIndex(analyze);
      for (const [i, one] of texts.entries()) index.add(`k${String(i).padStart(3, '0')}`, one);
      expect(index.search('ship fog bell', topK)).toEqual(index.search('ship fog bell', 1_000).slice(0, topK));
    }),
  );
});
