import '@langchain/core/context'; // what langgraph does too: keeps the config in an AsyncLocalStorage
import { createStuffDocumentsChain } from '@langchain/classic/chains/combine_documents';
import { createRetrievalChain } from '@langchain/classic/chains/retrieval';
import { ContextualCompressionRetriever } from '@langchain/classic/retrievers/contextual_compression';
import { DocumentCompressorPipeline } from '@langchain/classic/retrievers/document_compressors';
import { CallbackManager } from '@langchain/core/callbacks/manager';
import { Document, type DocumentInterface } from '@langchain/core/documents';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { BaseRetriever } from '@langchain/core/retrievers';
import { BaseDocumentCompressor } from '@langchain/core/retrievers/document_compressors';
import { RunnableLambda } from '@langchain/core/runnables';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { createReranker, type RerankOptions } from '@resift/core';
import { expect, it } from 'vitest';
import { ResiftCompressor } from './langchain.ts';

/** Scores a text by its number; a text without one is not scored. */
const seen: { query: string; texts: readonly string[]; options: RerankOptions }[] = [];
const byNumber = createReranker({
  id: 'by-number',
  scale: 'logit',
  async score(query, texts, options) {
    seen.push({ query, texts, options });
    return { values: texts.map((text) => (/\d/.test(text) ? Number(/\d+/.exec(text)![0]) : undefined)) };
  },
});
const broken = createReranker({
  id: 'broken',
  scale: 'logit',
  score: () => Promise.reject(new TypeError('boom')),
});
const hanging = createReranker({ id: 'hanging', scale: 'logit', score: () => new Promise(() => {}) });

const freeze = (document: Document) => Object.freeze({ ...document, metadata: Object.freeze(document.metadata) });
const documents = (): Document[] =>
  [
    new Document({ id: 'one', pageContent: 'one 1', metadata: { source: 'a.txt', relevanceScore: 0.9 } }),
    new Document({ pageContent: 'no number', metadata: { source: 'b.txt', relevanceScore: 0.8 } }),
    new Document({ id: 'three', pageContent: 'three 3', metadata: { source: 'c.txt' } }),
    new Document({ id: 'two', pageContent: 'two 2', metadata: { source: 'd.txt' } }),
  ].map(freeze);

class FixedRetriever extends BaseRetriever {
  lc_namespace = ['test'];
  override async _getRelevantDocuments(): Promise<DocumentInterface[]> {
    return documents();
  }
}

/** Collects what reaches a caller's callbacks. */
function recorder() {
  const events: { name: string; data: Record<string, unknown> }[] = [];
  const manager = CallbackManager.fromHandlers({
    handleChainStart: (chain, inputs) => void events.push({ name: `start ${chain.id.at(-1)}`, data: inputs }),
    handleChainEnd: (outputs) => void events.push({ name: 'end', data: outputs }),
    handleChainError: (error) => void events.push({ name: 'error', data: { error } }),
    handleCustomEvent: (name, data) => void events.push({ name, data }),
  });
  for (const handler of manager.handlers) handler.awaitHandlers = true;
  return { events, manager };
}

it('is a compressor by class, scores copies, keeps ids and metadata, and puts what has no score behind', async () => {
  const compressor = new ResiftCompressor({ reranker: byNumber });
  expect(compressor).toBeInstanceOf(BaseDocumentCompressor);
  const kept = await compressor.compressDocuments(documents(), 'q');
  expect(kept.map(({ id, pageContent, metadata }) => ({ id, pageContent, metadata }))).toEqual([
    { id: 'three', pageContent: 'three 3', metadata: { source: 'c.txt', relevanceScore: 3 } },
    { id: 'two', pageContent: 'two 2', metadata: { source: 'd.txt', relevanceScore: 2 } },
    { id: 'one', pageContent: 'one 1', metadata: { source: 'a.txt', relevanceScore: 1 } },
    { id: undefined, pageContent: 'no number', metadata: { source: 'b.txt' } },
  ]);
  expect(kept.every((document) => document instanceof Document)).toBe(true);
});

it('works in a ContextualCompressionRetriever, and reports status, scale and usage to its callbacks', async () => {
  const { events, manager } = recorder();
  const retriever = new ContextualCompressionRetriever({
    baseCompressor: new ResiftCompressor({ reranker: byNumber, topN: 2 }),
    baseRetriever: new FixedRetriever(),
  });
  const kept = await retriever.invoke('q', { callbacks: manager });
  expect(kept.map(({ id }) => id)).toEqual(['three', 'two']);
  expect(events.map(({ name }) => name)).toEqual(['start ResiftCompressor', 'rerank', 'end']);
  expect(events[0]!.data).toMatchObject({ query: 'q' });
  expect(events[1]!.data).toMatchObject({
    status: 'partial',
    window: 4,
    scored: 3,
    scale: 'logit',
    reranker: 'by-number',
    usage: { truncated: 0 },
  });
  expect(events[2]!.data['documents']).toHaveLength(2);
});

it('works in a DocumentCompressorPipeline, before and after others', async () => {
  class Upper extends BaseDocumentCompressor {
    async compressDocuments(documents: DocumentInterface[]): Promise<DocumentInterface[]> {
      return documents.map((document) => ({ ...document, pageContent: document.pageContent.toUpperCase() }));
    }
  }
  const pipeline = new DocumentCompressorPipeline({
    transformers: [new Upper(), new ResiftCompressor({ reranker: byNumber, topN: 1 }), new Upper()],
  });
  const kept = await new ContextualCompressionRetriever({ baseCompressor: pipeline, baseRetriever: new FixedRetriever() }).invoke('q');
  expect(kept).toMatchObject([{ id: 'three', pageContent: 'THREE 3', metadata: { relevanceScore: 3 } }]);
});

it('serves a whole retrieval chain', async () => {
  const retriever = new ContextualCompressionRetriever({
    baseCompressor: new ResiftCompressor({ reranker: byNumber, topN: 1 }),
    baseRetriever: new FixedRetriever(),
  });
  const combineDocsChain = await createStuffDocumentsChain({
    llm: new FakeListChatModel({ responses: ['an answer'] }),
    prompt: ChatPromptTemplate.fromTemplate('{context}\n\n{input}'),
  });
  const { answer, context } = await (await createRetrievalChain({ retriever, combineDocsChain })).invoke({ input: 'q' });
  expect(answer).toBe('an answer');
  expect(context).toMatchObject([{ id: 'three', metadata: { relevanceScore: 3 } }]);
});

it('is a step of a chain, whose signal it takes', async () => {
  const retrieve = RunnableLambda.from(async (query: string) => ({ query, documents: documents() }));
  const chain = retrieve.pipe(new ResiftCompressor({ reranker: byNumber, topN: 1 }).asRunnable());
  expect(await chain.invoke('q')).toMatchObject([{ id: 'three' }]);

  seen.length = 0;
  const controller = new AbortController();
  await new ResiftCompressor({ reranker: byNumber })
    .asRunnable()
    .invoke({ query: 'q', documents: documents() }, { signal: controller.signal });
  controller.abort(new Error('the user left'));
  expect(seen[0]!.options.signal!.aborted).toBe(true);
});

it('finds the signal of a chain that it is only called beneath', async () => {
  seen.length = 0;
  const controller = new AbortController();
  const step = RunnableLambda.from((query: string) => new ResiftCompressor({ reranker: byNumber }).compressDocuments(documents(), query));
  await step.invoke('q', { signal: controller.signal });
  controller.abort();
  expect(seen[0]!.options.signal!.aborted).toBe(true);
});

it.each(['constructor', 'withSignal', 'argument'])('rejects with the reason of a signal given by %s', async (way) => {
  const reason = new Error('the user left');
  const controller = new AbortController();
  const { signal } = controller;
  const plain = new ResiftCompressor({ reranker: hanging });
  const work = {
    constructor: () => new ResiftCompressor({ reranker: hanging, signal }).compressDocuments(documents(), 'q'),
    withSignal: () => plain.withSignal(signal).compressDocuments(documents(), 'q'),
    argument: () => plain.compressDocuments(documents(), 'q', undefined, { signal }),
  }[way]!();
  controller.abort(reason);
  await expect(work).rejects.toBe(reason);
});

it('keeps order, scores and top n where the reranker fails, and says so in the event', async () => {
  const { events, manager } = recorder();
  const kept = await new ResiftCompressor({ reranker: broken, topN: 2 }).compressDocuments(documents(), 'q', manager);
  expect(kept.map(({ id, metadata }) => [id, metadata['relevanceScore']])).toEqual([
    ['one', 0.9],
    [undefined, 0.8],
  ]);
  expect(events[1]).toMatchObject({ name: 'rerank', data: { status: 'degraded', reason: 'unavailable' } });

  const late = await new ResiftCompressor({ reranker: hanging, budgetMs: 5 }).compressDocuments(documents(), 'q');
  expect(late).toHaveLength(4);
});

it('rejects instead where asked to, and tells the callbacks', async () => {
  const { events, manager } = recorder();
  const strict = new ResiftCompressor({ reranker: broken, onFailure: 'throw' });
  await expect(strict.compressDocuments(documents(), 'q', manager)).rejects.toThrow('boom');
  expect(events.map(({ name }) => name)).toEqual(['start ResiftCompressor', 'error']);
});

it('chooses what is scored: fields before the content, or a text of your own', async () => {
  seen.length = 0;
  const [document] = documents();
  await new ResiftCompressor({ reranker: byNumber, fields: ['source', 'nope'] }).compressDocuments([document!], 'q');
  await new ResiftCompressor({ reranker: byNumber, text: ({ metadata }) => `7 ${metadata['source']}` }).compressDocuments([document!], 'q');
  expect(seen.map(({ texts }) => texts)).toEqual([['source: a.txt\none 1'], ['7 a.txt']]);
});

it('refuses bad input by name', async () => {
  expect(() => new ResiftCompressor({ reranker: undefined as never })).toThrow('reranker');
  expect(() => new ResiftCompressor({ reranker: byNumber, topN: -1 })).toThrow('topN');
  const compressor = new ResiftCompressor({ reranker: byNumber });
  await expect(compressor.compressDocuments(documents(), 5 as never)).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(compressor.compressDocuments(documents(), ' ')).rejects.toMatchObject({ code: 'invalid_input' });
});
