import type { Embedder, Passage, Scored, Tokenizer } from '@resift/core';
import type { SourceDocument, Store, StoreLeg } from '@resift/retrieval/stores/store';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashingEmbedder, wordTokenizer } from './hashing-embedder.ts';
import { refusalLaws } from './store-refusals.ts';
import { versionLaw } from './store-version.ts';

export interface StoreSetup {
  readonly embedder: Embedder;
  readonly tokenizer: Tokenizer;
  readonly chunking: { readonly maxTokens: number };
}

const LEGS: readonly StoreLeg[] = ['bm25', 'dense'];
const STRANGE_IDS = [
  "it's",
  `"quoted" \\ 'both'`,
  '../../etc/passwd',
  'a/b?c=d&e#f',
  'ümläut 😀',
  '%27 OR 1=1 --',
  ' ',
  '\n',
  'a#0',
  'x'.repeat(512),
  '__proto__',
  '*',
  '_%',
];
const film = (id: string, text: string, rest: Partial<SourceDocument> = {}): SourceDocument => ({ id, text, ...rest });
const long = (word: string, sentences = 30) =>
  Array.from({ length: sentences }, (_, i) => `Sentence ${i} is about ${word} and more.`).join(' ');

/** What every store promises. Each law gets a store of its own. */
export function storeLaws(name: string, open: (setup: StoreSetup) => Promise<Store>): void {
  describe(`laws of ${name}`, () => {
    let store: Store;
    const setup: StoreSetup = { embedder: hashingEmbedder(), tokenizer: wordTokenizer, chunking: { maxTokens: 40 } };
    beforeEach(async () => {
      store = await open(setup);
    });
    afterEach(() => store.close());

    const find = (query: string, leg: StoreLeg, options = {}): Promise<readonly Scored<Passage>[]> =>
      store.retriever('c', leg).retrieve(query, { topK: 10, ...options });
    const foundIn = async (query: string, leg: StoreLeg, options = {}) =>
      (await find(query, leg, options)).map(({ document }) => document.documentId);

    it.each(LEGS)('finds what was put the moment put returns (%s)', async (leg) => {
      for (let i = 0; i < 5; i++) {
        await store.put('c', [film(`d${i}`, `Word${i} stands here.`)]);
        expect((await foundIn(`word${i}`, leg))[0]).toBe(`d${i}`);
      }
    });

    it.each(LEGS)('ranks the best first, not the oldest, and topK is the front of the whole (%s)', async (leg) => {
      await store.put('c', [
        ...Array.from({ length: 40 }, (_, i) =>
          film(`filler${i}`, `The ski trip number ${i} went elsewhere, far away from any town of note.`),
        ),
        film('best', 'Ski trip to Aspen.'),
      ]);
      const whole = await find('ski trip to Aspen', leg, { topK: 41 });
      expect(whole[0]!.document.documentId).toBe('best');
      expect(whole.map(({ score }) => score)).toEqual(whole.map(({ score }) => score).toSorted((a, b) => b - a));
      expect(await find('ski trip to Aspen', leg, { topK: 3 })).toEqual(whole.slice(0, 3));
      expect(new Set(whole.map(({ document }) => document.id)).size).toBe(whole.length);
      expect(await find('ski', leg, { topK: 0 })).toEqual([]);
    });

    it('gives passages whose offsets point into the stored text', async () => {
      const text = `# Title\n\n${long('naïve 👩‍👩‍👧‍👦 families')}\n\n${long('other things')}`;
      const [result] = await store.put('c', [film('d', text, { title: 'T', url: 'https://example.org/d', metadata: { kind: 'x' } })]);
      expect(result).toEqual({ id: 'd', chunks: expect.any(Number), replaced: false });
      expect(result!.chunks).toBeGreaterThan(5);
      const whole = await store.get('c', 'd');
      expect(whole).toEqual({
        id: 'd',
        text,
        title: 'T',
        url: 'https://example.org/d',
        metadata: { kind: 'x' },
        chunks: result!.chunks,
        createdAt: expect.any(Number),
      });
      for (const leg of LEGS) {
        const passages = await find('sentence about families and things', leg, { topK: 100 });
        expect(passages).toHaveLength(result!.chunks);
        for (const { document } of passages) {
          expect(document).toMatchObject({ documentId: 'd', title: 'T', url: 'https://example.org/d', metadata: { kind: 'x' } });
          expect(text.slice(document.start, document.end)).toBe(document.text);
        }
      }
    });

    it('finds a passage by the title of its document', async () => {
      await store.put('c', [film('a', long('snow'), { title: 'Zanzibar' }), film('b', long('snow'))]);
      for (const leg of LEGS) expect((await foundIn('zanzibar', leg))[0]).toBe('a');
    });

    it('replaces a document of the same id in every leg, with fewer and with more chunks', async () => {
      await store.put('c', [film('a', long('apples', 40)), film('b', long('bananas'))]);
      for (const [word, sentences] of [
        ['cherries', 3],
        ['dates', 60],
      ] as const) {
        const [result] = await store.put('c', [film('a', long(word, sentences))]);
        expect(result!.replaced).toBe(true);
        expect((await store.get('c', 'a'))!.text).toBe(long(word, sentences));
        expect(await foundIn('apples', 'bm25')).toEqual([]);
        expect((await foundIn(word, 'bm25', { topK: 1 }))[0]).toBe('a');
        const passages = (await find(word, 'dense', { topK: 100 })).filter(({ document }) => document.documentId === 'a');
        expect(passages).toHaveLength(result!.chunks);
        expect(passages.every(({ document }) => document.text.includes(word))).toBe(true);
        const [summary] = await store.collections();
        expect(summary).toEqual({ name: 'c', documents: 2, chunks: result!.chunks + (await store.get('c', 'b'))!.chunks });
      }
    });

    it('forgets a deleted document everywhere, and scores as if it had never been there', async () => {
      await store.put('c', [film('a', 'The gorilla sleeps.'), film('b', 'The gorilla eats fruit.'), film('e', 'Nothing of the kind.')]);
      const before = await find('gorilla', 'bm25');
      await store.put('c', [film('extra', 'gorilla gorilla gorilla')]);
      expect(await store.delete('c', 'extra')).toBe(true);
      expect(await store.delete('c', 'extra')).toBe(false);
      expect(await find('gorilla', 'bm25')).toEqual(before);
      for (const leg of LEGS) expect(await foundIn('gorilla', leg)).not.toContain('extra');
      expect(await store.get('c', 'extra')).toBeUndefined();
    });

    it('takes ids of any characters, and keeps them apart', async () => {
      await store.put(
        'c',
        STRANGE_IDS.map((id, i) => film(id, `Unique${i} words.`)),
      );
      for (const [i, id] of STRANGE_IDS.entries()) {
        expect((await store.get('c', id))?.text).toBe(`Unique${i} words.`);
        expect(await foundIn(`unique${i}`, 'bm25')).toEqual([id]);
      }
      for (const id of STRANGE_IDS) expect(await store.delete('c', id)).toBe(true);
      expect((await store.collections())[0]).toEqual({ name: 'c', documents: 0, chunks: 0 });
    });

    it('lists all documents once, in pages', async () => {
      const ids = [...STRANGE_IDS, ...Array.from({ length: 12 }, (_, i) => `d${i}`)];
      await store.put(
        'c',
        ids.map((id) => film(id, 'Some text.')),
      );
      const seen: string[] = [];
      for (let cursor: string | undefined, more = true; more; ) {
        const page = await store.list('c', { limit: 7, cursor });
        expect(page.documents.length).toBeLessThanOrEqual(7);
        seen.push(...page.documents.map(({ id }) => id));
        cursor = page.next;
        more = cursor !== undefined;
      }
      expect(seen).toEqual(ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    });

    it('filters inside the query: all that match are found, however few', async () => {
      const nasty = `it's "a" \\ 'b' [x], ] OR true --`;
      await store.put('c', [
        ...Array.from({ length: 60 }, (_, i) =>
          film(`no${i}`, 'Words words words.', { metadata: { lang: 'en', year: 2000 + i, note: 'plain' } }),
        ),
        film('yes', 'Words, far away from the query, and a lot of others around them.', {
          metadata: { lang: 'de', year: 1999, note: nasty, tags: ['x', 'y'], author: { name: "O'Neil" }, open: true },
        }),
      ]);
      for (const leg of LEGS) {
        for (const filter of [
          { lang: 'de' },
          { year: 1999 },
          { note: nasty },
          { tags: 'y' },
          { 'author.name': "O'Neil" },
          { open: true },
          { lang: ['fr', 'de'], year: 1999 },
        ]) {
          expect(await foundIn('words', leg, { filter, topK: 5 }), JSON.stringify(filter)).toEqual(['yes']);
        }
        for (const filter of [{ lang: 'fr' }, { year: '1999' }, { lang: [] }, { lang: 'de', year: 2001 }, { nothing: 'x' }]) {
          expect(await foundIn('words', leg, { filter }), JSON.stringify(filter)).toEqual([]);
        }
      }
    });

    it.each(LEGS)('takes any query as plain words (%s)', async (leg) => {
      await store.put('c', [film('a', 'A plain text on AND, OR and NOT.')]);
      for (const query of [
        '"plain',
        'plain AND (',
        '+-*~^:[]{}',
        'text:plain',
        "it's",
        '\\',
        '😀',
        '\0',
        '\ud800',
        'the',
        'x'.repeat(10_000),
        "'; DROP TABLE c; --",
      ]) {
        await expect(find(query, leg)).resolves.toBeInstanceOf(Array);
      }
      await fc.assert(
        fc.asyncProperty(
          fc.string({ unit: 'binary', minLength: 1 }).filter((query) => query.trim() !== ''),
          async (query) => {
            await find(query, leg);
          },
        ),
        { numRuns: 20 },
      );
    });

    it('takes out what cannot be seen, and says so', async () => {
      const [result] = await store.put('c', [film('a', 'nul\0 half\ud800 tag\u{e0041} over\u202eride', { title: 'A\0B' })]);
      expect(result!.sanitized).toEqual({ nul: 2, lone_surrogate: 1, tag: 1, bidi: 1 });
      expect(await store.get('c', 'a')).toMatchObject({ text: 'nul half tag override', title: 'AB' });
    });

    refusalLaws(() => store);
    versionLaw(() => store);

    it('creates and deletes collections, apart from each other', async () => {
      await store.createCollection('one');
      await store.createCollection('one');
      await store.put('two', [film('a', 'second')]);
      expect((await store.collections()).map((one) => one.name)).toEqual(['one', 'two']);
      expect(await store.get('one', 'a')).toBeUndefined();
      expect(await store.deleteCollection('two')).toBe(true);
      expect(await store.deleteCollection('two')).toBe(false);
      for (const call of [
        () => store.get('two', 'a'),
        () => store.list('two', { limit: 1 }),
        () => store.delete('two', 'a'),
        () => store.retriever('two', 'bm25').retrieve('x', { topK: 1 }),
      ]) {
        await expect(call()).rejects.toMatchObject({ code: 'not_found' });
      }
      await store.put('two', [film('b', 'again')]);
      expect(await store.get('two', 'a')).toBeUndefined();
    });

    it('keeps what was put at the same time, each id once', async () => {
      const results = await Promise.all(Array.from({ length: 20 }, (_, i) => store.put('c', [film(`d${i % 10}`, `Version ${i} of it.`)])));
      expect(results.flat()).toHaveLength(20);
      expect((await store.collections())[0]).toEqual({ name: 'c', documents: 10, chunks: 10 });
      expect(results.flat().filter(({ replaced }) => replaced)).toHaveLength(10);
    });

    it('shows readers the old or the new document, never a mixture or a gap', async () => {
      await store.put('c', [film('a', long('old'))]);
      let writing = true;
      const seen: string[] = [];
      const read = async () => {
        while (writing) {
          const text = (await store.get('c', 'a'))?.text;
          seen.push(text === long('old') ? 'old' : text === long('new', 50) ? 'new' : `neither: ${text?.slice(0, 40)}`);
        }
      };
      const reading = read();
      try {
        await store.put('c', [film('a', long('new', 50))]);
      } finally {
        writing = false;
        await reading;
      }
      expect(seen.filter((version) => version.startsWith('neither'))).toEqual([]);
    });

    it('rejects with the reason of an abort, and keeps whole documents only', async () => {
      const reason = new Error('the user left');
      const controller = new AbortController();
      const many = Array.from({ length: 400 }, (_, i) => film(`d${i}`, long(`word${i}`, 8)));
      const putting = store.put('c', many, { signal: controller.signal, onProgress: () => controller.abort(reason) });
      await expect(putting).rejects.toBe(reason);
      const [summary] = await store.collections();
      expect(summary!.documents).toBeGreaterThan(0);
      expect(summary!.documents).toBeLessThan(400);
      const { documents } = await store.list('c', { limit: 1_000 });
      expect(documents).toHaveLength(summary!.documents);
      await expect(find('word', 'bm25', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    });

    it('gives a document without an id a new one', async () => {
      const [a, b] = await store.put('c', [{ text: 'same' }, { text: 'same' }]);
      expect(a!.id).not.toBe(b!.id);
      expect(await store.get('c', a!.id)).toMatchObject({ text: 'same' });
    });
  });
}
