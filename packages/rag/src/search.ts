import { type Filter, ResiftError, type Usage } from '@resift/core';
import type { SearchParts } from './rag.ts';
import { type RerankInfo, rerankCandidates } from './rerank-candidates.ts';
import { type RetrievalStatus, retrieveCandidates } from './retrieve-candidates.ts';
import type { Source } from './source.ts';
import { stopwatch } from './stopwatch.ts';

export interface SearchOptions {
  /** Results to return. Default: all candidates. */
  readonly topK?: number | undefined;
  /** Overrides `limits.candidates`. */
  readonly candidates?: number | undefined;
  /** `false`: first-stage order. Default true. */
  readonly rerank?: boolean | undefined;
  readonly filter?: Filter | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface SearchOutcome {
  /** Best first. */
  readonly results: readonly Source[];
  readonly rerank: RerankInfo;
  readonly retrieval: RetrievalStatus;
  readonly usage: Usage;
  readonly timings: { readonly retrieveMs: number; readonly rerankMs: number; readonly totalMs: number };
}

/** Retrieves and reranks: the first half of `answer`, and the whole of a search. A reranker's failure shows in `rerank`, never as an error. */
export async function search(query: string, parts: SearchParts, options: SearchOptions = {}): Promise<SearchOutcome> {
  const elapsed = stopwatch();
  const candidates = options.candidates ?? parts.limits.candidates;
  checkInput(query, candidates, options.topK);

  const { signal, filter } = options;
  const found = await retrieveCandidates(query, parts.retriever, { topK: candidates, filter, signal });
  const { sources, rerank, usage } = await rerankCandidates(
    query,
    found.candidates,
    options.rerank === false ? undefined : parts.reranker,
    { budgetMs: parts.limits.rerankBudgetMs ?? 800, signal, tokenizer: parts.tokenizer },
  );
  return {
    results: sources.slice(0, options.topK ?? sources.length),
    rerank,
    retrieval: found.retrieval,
    usage,
    timings: { retrieveMs: found.retrieval.elapsedMs, rerankMs: rerank.elapsedMs, totalMs: elapsed() },
  };
}

function checkInput(query: unknown, candidates: number, topK: number | undefined) {
  if (typeof query !== 'string' || query.trim() === '') {
    const came = typeof query === 'string' ? 'an empty one' : typeof query;
    throw new ResiftError('invalid_input', `Expected the query to be a string with at least one visible character, got ${came}.`, {
      details: { field: 'query' },
    });
  }
  if (!Number.isInteger(candidates) || candidates < 1) {
    throw new ResiftError('invalid_input', `Expected \`candidates\` to be a whole number of 1 or more, got ${candidates}.`, {
      details: { field: 'candidates' },
    });
  }
  if (topK !== undefined && (!Number.isInteger(topK) || topK < 0)) {
    throw new ResiftError('invalid_input', `Expected \`topK\` to be a whole number of 0 or more, got ${topK}.`, {
      details: { field: 'topK' },
    });
  }
}
