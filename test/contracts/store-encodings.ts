import { type Passage, passageText, type StoredEncodings, type TokenEmbedder } from '@resift/core';
import type { Store, StoreLeg } from '@resift/retrieval/stores/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashingEmbedder, hashingTokenEmbedder, wordTokenizer } from './hashing-embedder.ts';
import type { StoreSetup } from './store.ts';

/** What a store promises that keeps token vectors: what it gives is what the model would give now, to the last bit, or nothing. */
export function encodingLaws(name: string, open: (setup: StoreSetup & { tokenEmbedder: TokenEmbedder }) => Promise<Store>): void {
  describe(`kept encodings of ${name}`, () => {
    let store: Store;
    let model: ReturnType<typeof hashingTokenEmbedder>;
    let kept: StoredEncodings;
    beforeEach(async () => {
      model = hashingTokenEmbedder();
      store = await open({ embedder: hashingEmbedder(), tokenEmbedder: model, tokenizer: wordTokenizer, chunking: { maxTokens: 40 } });
      kept = (documents, options) => store.encodings!('c', documents, options);
    });
    afterEach(() => store.close());

    /** Passages as a reranker reads them. */
    const found = async (query: string, leg: StoreLeg = 'dense'): Promise<Passage[]> => {
      const results = await store.retriever('c', leg).retrieve(query, { topK: 100 });
      return results.map(({ document }) => ({ ...document, text: passageText(document, wordTokenizer) }));
    };
    const fresh = async (documents: readonly Passage[]) =>
      (
        await hashingTokenEmbedder().encode(
          documents.map(({ text }) => text),
          'document',
        )
      ).encodings;
    const long = (word: string) => Array.from({ length: 40 }, (_, i) => `Sentence ${i} tells of ${word} 😀 and naïve things.`).join(' ');

    it('are the fresh ones, to the last bit, titles included; a text is encoded once', async () => {
      await store.put('c', [
        { id: 'a', text: long('gulls') },
        { id: 'b', text: 'One.', title: 'A title' },
        { id: 'c', text: 'Another one.', title: Array.from({ length: 60 }, (_, i) => `word${i}`).join(' ') },
      ]);
      const passages = await found('gulls');
      expect(passages.length).toBeGreaterThan(5);
      expect(model.asked.toSorted()).toEqual(passages.map(({ text }) => text).toSorted());
      expect(await kept(passages)).toEqual(await fresh(passages));
      expect(await kept([...passages].reverse())).toEqual((await fresh(passages)).reverse());
      expect(await kept([])).toEqual([]);
      expect((await store.collections())[0]!.tokenVectors).toBe('kept');
    });

    it('are never of another text: not of a replaced document, not of a deleted one, not of an id that somebody made up', async () => {
      await store.put('c', [
        { id: 'a', text: 'The old text stands here.' },
        { id: 'b', text: 'Another.' },
      ]);
      const old = await found('text');
      await kept(old);
      await store.put('c', [{ id: 'a', text: 'The new text, of other words.' }]);
      const now = await found('text');
      for (const documents of [now, old, [...old, ...now]]) {
        const expected = await fresh(documents);
        for (const [i, encoding] of (await kept(documents)).entries()) expect(encoding ?? expected[i]).toEqual(expected[i]);
      }
      expect((await kept(now)).every(Boolean)).toBe(true);
      await store.delete('c', 'b');
      expect(
        await kept([
          { id: 'b#0', text: 'Something else.' },
          { id: 'x', text: 'Another?' },
          { id: "a#0' OR true --", text: 'x' },
        ]),
      ).toEqual([undefined, undefined, undefined]);
    });

    it('are the old or the new ones while a document is being replaced, each only for its own text', async () => {
      const versions = Array.from({ length: 12 }, (_, i) => `Version ${i} of it ${'and more '.repeat(i)}`.trim());
      await store.put('c', [{ id: 'a', text: versions[0]! }]);
      let writing = true;
      const reading = (async () => {
        let given = 0;
        while (writing) {
          const [passage] = await found('version', 'bm25');
          if (!passage) continue;
          const [encoding] = await kept([passage]);
          if (!encoding) continue;
          given += 1;
          expect(encoding).toEqual((await fresh([passage]))[0]);
        }
        return given;
      })();
      try {
        for (const text of versions) await store.put('c', [{ id: 'a', text }]);
      } finally {
        writing = false;
      }
      expect(await reading).toBeGreaterThan(0);
    });

    it('stay through a reindexing', async () => {
      await store.put('c', [{ id: 'a', text: long('whales') }]);
      await store.reindex('c');
      const passages = await found('whales');
      expect(await kept(passages)).toEqual(await fresh(passages));
    });

    it('belong to one collection, and are asked for under a signal', async () => {
      await store.put('c', [{ id: 'a', text: 'Something.' }]);
      await expect(store.encodings!('none', [{ id: 'a#0', text: 'Something.' }])).rejects.toMatchObject({ code: 'not_found' });
      const reason = new Error('left');
      await expect(kept(await found('something'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    });

    it('refuse what is not finite, before anything is stored', async () => {
      const broken = await open({
        embedder: hashingEmbedder(),
        tokenEmbedder: {
          ...hashingTokenEmbedder(),
          encode: async (texts, kind) => {
            const { encodings } = await hashingTokenEmbedder().encode(texts, kind);
            for (const one of encodings) one!.tokens.scales!.fill(Number.NaN);
            return { encodings, usage: {} };
          },
        },
        tokenizer: wordTokenizer,
        chunking: { maxTokens: 40 },
      });
      try {
        await expect(broken.put('c', [{ id: 'a', text: 'Something.' }])).rejects.toMatchObject({ code: 'bad_output' });
        expect(await broken.collections()).toEqual([]);
      } finally {
        await broken.close();
      }
    });
  });
}
