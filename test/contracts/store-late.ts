import { offGrid, type Passage, passageText, type Scored, type TokenEmbedder } from '@resift/core';
import type { Store } from '@resift/retrieval/stores/store';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clusteredEmbedder, clusteredTexts } from '../../packages/retrieval/fixtures/clustered-embedder.ts';
import { wordTokenizer } from './hashing-embedder.ts';
import type { StoreSetup } from './store.ts';
import { whenBuilt } from './when-built.ts';

/** Token vectors in clusters, and a vector of the whole that nobody looks at. */
export function lateEmbedder(): TokenEmbedder & StoreSetup['embedder'] {
  const { encode, ...rest } = clusteredEmbedder();
  const whole = Float32Array.of(1);
  return {
    ...rest,
    async encode(texts, kind) {
      const { encodings } = await encode(texts, kind);
      return { encodings: encodings.map((one) => one && { ...one, sentence: whole }), usage: {} };
    },
    embed: async (texts) => ({ vectors: texts.map(() => whole), usage: {} }),
  };
}

/** What a store promises that finds by late interaction, however it does it. `reopen` closes it and opens it over the same data, where that outlasts it. */
export function lateLaws(
  name: string,
  open: (setup: StoreSetup & { tokenEmbedder: TokenEmbedder }) => Promise<Store>,
  reopen?: (store: Store) => Promise<Store>,
): void {
  describe(`late interaction of ${name}`, () => {
    let store: Store;
    const embedder = lateEmbedder();
    beforeEach(async () => {
      store = await open({ embedder, tokenEmbedder: embedder, tokenizer: wordTokenizer, chunking: { maxTokens: 40 } });
    });
    afterEach(() => store.close());

    const find = (query: string, topK = 10, filter?: Record<string, string | string[]>): Promise<readonly Scored<Passage>[]> =>
      whenBuilt(() => store.late!('c').retrieve(query, { topK, filter }));
    const documents = (count: number, seed: number, prefix = 'd') =>
      clusteredTexts(count, seed).map((text, i) => ({ id: `${prefix}${i}`, text, metadata: { parity: i % 2 === 0 ? 'even' : 'odd' } }));
    const queries = clusteredTexts(6, 99).map((text) => text.split(' ').slice(0, 4).join(' '));

    /** By comparing all there is with the true vectors. */
    async function exact(query: string, all: readonly { id: string; text: string; title?: string }[], topK = 10) {
      const [asked] = (await embedder.encode([query], 'query')).encodings;
      const scored = await Promise.all(
        all.map(async ({ id, ...document }) => {
          const kept = await store.encodings!('c', [{ id: `${id}#0`, text: passageText(document, wordTokenizer) }]);
          return { id: `${id}#0`, score: maxSim(offGrid(asked!.tokens), offGrid(kept[0]!.tokens), embedder.tokenDimensions) };
        }),
      );
      return scored.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1)).slice(0, topK);
    }
    const asPairs = (results: readonly Scored<Passage>[]) => results.map(({ document, score }) => ({ id: document.id, score }));

    it('finds what exact MaxSim finds, in its order and with its scores', async () => {
      const all = [...documents(120, 1), { id: 'titled', title: 'w17 w18', text: 'w19 w20 w21' }];
      await store.put('c', all);
      for (const query of [...queries, 'w17 w18 w20']) {
        const found = asPairs(await find(query));
        const truth = await exact(query, all);
        expect(found.map(({ id }) => id)).toEqual(truth.map(({ id }) => id));
        for (const [i, { score }] of found.entries()) expect(score).toBeCloseTo(truth[i]!.score, 5);
      }
      expect((await find(queries[0]!, 3)).map(({ document }) => document.id)).toEqual(
        (await exact(queries[0]!, all, 3)).map(({ id }) => id),
      );
      expect(await find(queries[0]!, 0)).toEqual([]);
      expect(await find('... !', 5)).toEqual([]);
    });

    it('finds what was put the moment put returns, never what was replaced or deleted', async () => {
      await store.put('c', documents(100, 2));
      await find(queries[0]!);
      const [best] = await find(queries[0]!, 1);
      await store.delete('c', best!.document.documentId);
      expect(await find(queries[0]!, 20)).toHaveLength(20);
      await store.put('c', documents(100, 2));
      for (let turn = 0; turn < 12; turn++) {
        const text = `w${700 + turn} w${800 + turn} w${900 + turn}`;
        await store.put('c', [{ id: 'moving', text }]);
        const [first] = await find(text, 3);
        expect([first?.document.documentId, first?.document.text]).toEqual(['moving', text]);
        expect((await find(`w${699 + turn} w${799 + turn}`, 200)).filter(({ document }) => document.documentId === 'moving')).toHaveLength(
          1,
        );
        expect(await store.delete('c', `d${turn}`)).toBe(true);
        expect((await find(queries[0]!, 500)).map(({ document }) => document.documentId)).not.toContain(`d${turn}`);
      }
    });

    it('keeps in step through any changes', async () => {
      const texts = clusteredTexts(40, 3);
      const change = fc.record({ id: fc.integer({ min: 0, max: 12 }), text: fc.constantFrom(undefined, ...texts) });
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 40 }), async (changes) => {
          await store.deleteCollection('c');
          await store.put('c', documents(25, 4, 'ground'));
          const there = new Map(documents(25, 4, 'ground').map(({ id, text }) => [id, text]));
          for (const { id, text } of changes) {
            if (text === undefined) await store.delete('c', `x${id}`);
            else await store.put('c', [{ id: `x${id}`, text }]);
            if (text === undefined) there.delete(`x${id}`);
            else there.set(`x${id}`, text);
            if (id % 3 === 0) await find(queries[0]!, 2);
          }
          const found = await find(queries[1]!, 100);
          expect(new Map(found.map(({ document }) => [document.documentId, document.text]))).toEqual(there);
        }),
        { numRuns: 12, seed: 7 },
      );
    });

    it('honours a filter, also one that few passages pass, and metadata that changed with the same text', async () => {
      await store.put('c', documents(120, 5));
      const odd = await find(queries[0]!, 120, { parity: 'odd' });
      expect(odd).toHaveLength(60);
      expect(odd.every(({ document }) => document.metadata?.['parity'] === 'odd')).toBe(true);
      const [first] = documents(120, 5);
      await store.put('c', [{ ...first!, metadata: { parity: 'rare' } }]);
      expect((await find(queries[0]!, 10, { parity: 'rare' })).map(({ document }) => document.documentId)).toEqual(['d0']);
      expect((await find(queries[0]!, 200, { parity: ['even', 'odd'] })).map(({ document }) => document.documentId)).not.toContain('d0');
      expect(await find(queries[0]!, 10, { parity: 'none' })).toEqual([]);
    });

    it('stays through a reindexing, and is another when the collection is another', async () => {
      await store.put('c', documents(100, 6));
      const before = asPairs(await find(queries[2]!));
      await store.reindex('c');
      expect(asPairs(await find(queries[2]!))).toEqual(before);
      await store.deleteCollection('c');
      await expect(find('w1')).rejects.toMatchObject({ code: 'not_found' });
      await store.put('c', [{ id: 'd0', text: 'w5 w6' }]);
      expect((await find(queries[2]!, 50)).map(({ document }) => document.text)).toEqual(['w5 w6']);
    });

    it('answers many at once, while documents change, with whole documents', async () => {
      await store.put('c', documents(90, 8));
      let writing = true;
      const readers = Array.from({ length: 4 }, async (_, reader) => {
        while (writing) {
          for (const { document } of await find(queries[reader]!, 30)) expect(document.text).toMatch(/^(w\d+ ?)+$/);
        }
      });
      try {
        for (let turn = 0; turn < 10; turn++) await store.put('c', documents(30, 100 + turn));
      } finally {
        writing = false;
      }
      await Promise.all(readers);
      const ids = (await find(queries[0]!, 200)).map(({ document }) => document.id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toHaveLength(90);
    });

    it('refuses what it cannot do, and stops at a signal', async () => {
      await store.put('c', documents(10, 9));
      await expect(find('')).rejects.toMatchObject({ code: 'invalid_input' });
      await expect(store.late!('nowhere').retrieve('w1', { topK: 1 })).rejects.toMatchObject({ code: 'not_found' });
      const reason = new Error('left');
      await expect(store.late!('c').retrieve('w1', { topK: 1, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    });

    if (!reopen) return;
    it('is as it was after the store was opened again, with what changed while nobody searched', async () => {
      await store.put('c', documents(120, 10));
      await find(queries[0]!);
      await store.delete('c', 'd3');
      const before = asPairs(await find(queries[3]!, 130));
      expect(before).toHaveLength(119);
      store = await reopen(store);
      await store.put('c', [{ id: 'd5', text: 'w1 w2 w3' }]);
      await store.delete('c', 'd7');
      const after = asPairs(await find(queries[3]!, 130));
      const others = (pairs: typeof before) => pairs.filter(({ id }) => id !== 'd5#0' && id !== 'd7#0');
      expect(others(after)).toEqual(others(before));
      expect((await find('w1 w2 w3', 1))[0]!.document.documentId).toBe('d5');
    });
  });
}

function maxSim(query: Float32Array, document: Float32Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < query.length; i += size) {
    let best = -Infinity;
    for (let j = 0; j < document.length; j += size) {
      let product = 0;
      for (let k = 0; k < size; k++) product += query[i + k]! * document[j + k]!;
      best = Math.max(best, product);
    }
    sum += document.length === 0 ? 0 : best;
  }
  return query.length === 0 ? 0 : sum / (query.length / size);
}
