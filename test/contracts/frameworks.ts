import { Document as LangChainDocument } from '@langchain/core/documents';
import { type Document, noUsage, type RankingStatus, type Reranker, type RerankOptions } from '@resift/core';
import { aiSdkReranker, rerankingModel } from '@resift/reranker/ai-sdk';
import { ResiftCompressor } from '@resift/reranker/langchain';
import { ResiftPostprocessor } from '@resift/reranker/llamaindex';
import { ResiftRelevanceScorer } from '@resift/reranker/mastra';
import { Document as LlamaDocument } from 'llamaindex';

const done = (window: number, scored: number): RankingStatus => ({ status: 'applied', window, scored, invalid: 0, cacheHits: 0 });

type Back<D> = { readonly index: number; readonly score?: number | undefined; readonly document: D }[];

/** There and back: documents go through the framework's own kind of document, so that a law sees what the framework's user sees. */
function roundTrip(
  name: string,
  inner: Reranker,
  go: (query: string, documents: readonly Document[], options: RerankOptions) => Promise<Omit<Back<Document>[number], 'document'>[]>,
): Reranker {
  return {
    id: `${name}(${inner.id})`,
    scale: inner.scale,
    async rerank<D extends Document>(query: string, documents: readonly D[], options: RerankOptions = {}) {
      const back: Back<D> = (await go(query, documents, options)).map((found) => ({ ...found, document: documents[found.index]! }));
      const items = back.flatMap(({ document, index, score }) => (score === undefined ? [] : [{ document, index, score }]));
      const skipped = back.filter(({ score }) => score === undefined).map(({ document }) => document);
      return { items, skipped, scale: inner.scale, usage: noUsage, status: done(documents.length, items.length) };
    },
  };
}

export const throughLangChain = (inner: Reranker): Reranker =>
  roundTrip('langchain', inner, async (query, documents, { topK, signal }) => {
    const compressor = new ResiftCompressor({ reranker: inner, topN: topK, onFailure: 'throw', ...(signal && { signal }) });
    const given = documents.map(({ id, text }, index) => new LangChainDocument({ id, pageContent: text, metadata: { index } }));
    const kept = await compressor.compressDocuments(given, query);
    return kept.map(({ metadata }) => ({ index: metadata['index'] as number, score: metadata['relevanceScore'] as number | undefined }));
  });

export const throughLlamaIndex = (inner: Reranker): Reranker =>
  roundTrip('llamaindex', inner, async (query, documents, { topK, signal }) => {
    const postprocessor = new ResiftPostprocessor({ reranker: inner, topN: topK, onFailure: 'throw', ...(signal && { signal }) });
    const given = documents.map(({ id, text }, index) => ({ node: new LlamaDocument({ id_: id, text, metadata: { index } }), score: 0.5 }));
    const kept = await postprocessor.postprocessNodes(given, query);
    return kept.map(({ node, score }) => ({ index: node.metadata['index'] as number, score }));
  });

/** The scale gets lost on the way: the AI SDK knows none. */
export const throughAiSdk = (inner: Reranker): Reranker => aiSdkReranker(rerankingModel({ reranker: inner, onFailure: 'throw' }));

/** As Mastra's `rerankWithScorer` does: one call per document, all at once, and it sorts by itself. */
export const throughMastra = (inner: Reranker<'probability'>): Reranker =>
  roundTrip('mastra', inner, async (query, documents, { topK }) => {
    const scorer = new ResiftRelevanceScorer({ reranker: inner, onFailure: 'throw' });
    const scores = await Promise.all(documents.map(({ text }) => scorer.getRelevanceScore(query, text)));
    const found = scores.map((score, index) => ({ index, score }));
    return found.sort((a, b) => b.score - a.score || a.index - b.index).slice(0, topK);
  });
