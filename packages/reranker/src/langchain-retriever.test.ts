import { ContextualCompressionRetriever } from '@langchain/classic/retrievers/contextual_compression';
import { createReranker, type Passage, type RetrieveOptions, type Retriever } from '@resift/core';
import { expect, it } from 'vitest';
import { ResiftCompressor } from './langchain.ts';
import { ResiftRetriever } from './langchain-retriever.ts';

const asked: RetrieveOptions[] = [];
const retriever: Retriever<Passage> = {
  id: 'fixed',
  async retrieve(_query, options) {
    asked.push(options);
    return [
      { document: { id: 'a#0', documentId: 'a', text: 'one 1', start: 0, end: 5, title: 'A', metadata: { year: 1999 } }, score: 0.9 },
      { document: { id: 'b#0', documentId: 'b', text: 'two 2', start: 7, end: 12 }, score: 0.8 },
    ];
  },
};

it('gives documents with ids, places and metadata, which a compressor ranks', async () => {
  const base = new ResiftRetriever({ retriever, topK: 50, filter: { year: 1999 } });
  const found = await base.invoke('q');
  expect(found[0]).toMatchObject({
    id: 'a#0',
    pageContent: 'one 1',
    metadata: { documentId: 'a', start: 0, end: 5, title: 'A', year: 1999, retrievalScore: 0.9 },
  });
  expect(asked[0]).toMatchObject({ topK: 50, filter: { year: 1999 } });

  const byNumber = createReranker({
    id: 'n',
    scale: 'logit',
    score: async (_, texts) => ({ values: texts.map((text) => Number(text.at(-1))) }),
  });
  const both = new ContextualCompressionRetriever({ baseRetriever: base, baseCompressor: new ResiftCompressor({ reranker: byNumber }) });
  expect((await both.invoke('q')).map(({ id }) => id)).toEqual(['b#0', 'a#0']);
});

it('refuses a senseless topK', () => {
  expect(() => new ResiftRetriever({ retriever, topK: 0 })).toThrow('topK');
});
