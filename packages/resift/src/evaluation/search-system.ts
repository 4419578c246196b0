import type { Reranker } from '@resift/core';
import type { Outcome, System } from '@resift/eval/experiment/system';
import { type ReportingRetriever, type SearchOutcome, type SearchParts, search } from '@resift/rag';
import { hybrid } from '@resift/retrieval/hybrid';
import type { OpenedCollection } from './collection.ts';

export type FirstStage = 'bm25' | 'dense' | 'hybrid';

/** Quality is measured without the deadline that a server sets; times are reported beside it. */
export const NO_DEADLINE_MS = 600_000;

export interface SearchSystemOptions {
  readonly collection: OpenedCollection;
  readonly firstStage: FirstStage;
  /** Its name in the report and the reranker; absent for first-stage order. */
  readonly reranker?: { readonly name: string; readonly model: Reranker } | undefined;
  /** Passages that retrieval gives and the reranker reads. */
  readonly candidates: number;
}

/** Retrieval and reranking exactly as `/v1/search` does it; passages become documents by their best chunk. */
export function searchSystem({ collection, firstStage, reranker, candidates }: SearchSystemOptions): System {
  const parts = searchParts(collection, firstStage, reranker?.model, candidates);
  return {
    id: reranker ? `${firstStage} + ${reranker.name}` : firstStage,
    settings: { retriever: parts.retriever.id, reranker: reranker?.model.id ?? null, candidates },
    async ask({ text }, { signal }) {
      const found = await search(text, parts, { signal });
      return { ranked: documentsOf(found), stages: stagesOf(found, reranker !== undefined), usage: found.usage, ...degradation(found) };
    },
  };
}

/** The parts of a pipeline over a stored collection. */
export function searchParts(
  collection: OpenedCollection,
  firstStage: FirstStage,
  reranker: Reranker | undefined,
  candidates: number,
): SearchParts & { readonly retriever: ReportingRetriever } {
  const leg = (name: 'bm25' | 'dense') => collection.store.retriever(collection.name, name);
  return {
    retriever: hybrid(firstStage === 'hybrid' ? { bm25: leg('bm25'), dense: leg('dense') } : { [firstStage]: leg(firstStage) }),
    reranker,
    tokenizer: collection.tokenizer,
    limits: { candidates, rerankBudgetMs: NO_DEADLINE_MS },
  };
}

/** Documents in the order of their best passage. */
export function documentsOf({ results }: Pick<SearchOutcome, 'results'>): string[] {
  return [...new Set(results.map(({ documentId }) => documentId))];
}

function stagesOf({ timings }: SearchOutcome, reranked: boolean): Record<string, number> {
  return { retrieve: timings.retrieveMs, ...(reranked && { rerank: timings.rerankMs }) };
}

/** What a served response would say about a fault, as the reason for which an experiment refuses the outcome. */
export function degradation({ rerank, retrieval }: Pick<SearchOutcome, 'rerank' | 'retrieval'>): Pick<Outcome, 'degraded'> {
  const failed = Object.entries(retrieval.legs).find(([, leg]) => leg.status === 'failed');
  if (failed) return { degraded: `${failed[0]} failed: ${failed[1].reason ?? 'unknown'}` };
  if (rerank.status === 'degraded' || rerank.status === 'partial')
    return { degraded: `rerank ${rerank.status}: ${rerank.reason ?? 'unknown'}` };
  return {};
}
