import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bm25 } from './bm25.ts';

interface Golden {
  readonly documents: readonly string[];
  readonly queries: readonly string[];
  readonly cases: readonly { readonly k1: number; readonly b: number; readonly scores: readonly (readonly number[])[] }[];
}
const golden: Golden = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/bm25.json'), 'utf8'));
const documents = golden.documents.map((text, i) => ({ id: String(i), text }));

// Written by golden/make-bm25.py.
describe.each(golden.cases)('k1 $k1, b $b', ({ k1, b, scores }) => {
  it.each(golden.queries.map((query, i) => [query, scores[i]!] as const))(
    'scores "%s" as PyPI bm25s does, within 1e-6',
    async (query, expected) => {
      const found = await bm25(documents, { k1, b, stemming: 'none', stopWords: 'none' }).retrieve(query, { topK: documents.length });
      expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).toSorted((a, b) => b - a));
      const scored = new Map(found.map(({ document, score }) => [document.id, score]));
      for (const [i, score] of expected.entries()) expect(Math.abs((scored.get(String(i)) ?? 0) - score)).toBeLessThan(1e-6);
    },
  );
});

it('finds by stem, without accents, in the title and over scripts without spaces', async () => {
  const retriever = bm25([
    { id: 'a', text: 'Trains are running late.' },
    { id: 'b', text: 'Das Café in Zürich.' },
    { id: 'c', text: 'words', title: 'Harbours' },
    { id: 'd', text: '東京都の天気は晴れです。' },
    { id: 'e', text: 'привет мир' },
  ]);
  const first = async (query: string) => (await retriever.retrieve(query, { topK: 5 }))[0]?.document.id;
  expect([await first('train runs'), await first('cafe zurich'), await first('harbour'), await first('天気'), await first('МИР')]).toEqual([
    'a',
    'b',
    'c',
    'd',
    'e',
  ]);
});

it('ranks equal scores by id, and finds nothing where no word is shared', async () => {
  const retriever = bm25(['c', 'a', 'b'].map((id) => ({ id, text: 'the same words' })));
  expect((await retriever.retrieve('words', { topK: 2 })).map(({ document }) => document.id)).toEqual(['a', 'b']);
  expect(await retriever.retrieve('the other', { topK: 2 })).toEqual([]);
});

it.each([
  [{ k1: -1 }, 'k1'],
  [{ b: 2 }, 'b '],
])('refuses %j', (options, named) => {
  expect(() => bm25([], options)).toThrow(named);
});

it('refuses an id that comes twice', () => {
  const document = { id: 'a', text: 'x' };
  expect(() => bm25([document, document])).toThrow('"a" twice');
});
