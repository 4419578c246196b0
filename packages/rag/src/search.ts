import type { Attributes } from '@opentelemetry/api';
import { type Filter, noUsage, ResiftError, type Usage, untilAborted } from '@resift/core';
import type { SearchParts } from './rag.ts';
import { type RerankInfo, rerankCandidates } from './rerank-candidates.ts';
import { type RetrievalStatus, retrieveCandidates } from './retrieve-candidates.ts';
import { isWhole } from './search-memory.ts';
import type { Source } from './source.ts';
import { spanned } from './spans.ts';
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
  const reranker = options.rerank === false ? undefined : parts.reranker;
  const asked = { query, candidates, reranked: reranker !== undefined, filter };
  const recalled = parts.memory && (await untilAborted(parts.memory.recall(asked), signal));
  if (recalled?.known) {
    const { results, usage } = recalled.known;
    return {
      ...recalled.known,
      results: results.slice(0, options.topK ?? results.length),
      usage: { ...noUsage, truncated: usage.truncated },
      timings: { retrieveMs: 0, rerankMs: 0, totalMs: elapsed() },
    };
  }
  const found = await spanned(
    'resift.retrieve',
    { 'resift.retriever': parts.retriever.id, 'resift.candidates': candidates, 'resift.filtered': filter !== undefined },
    () => retrieveCandidates(query, parts.retriever, { topK: candidates, filter, signal }),
    ({ retrieval }) => retrievalAttributes(retrieval),
  );
  const { sources, rerank, usage } = await spanned(
    'resift.rerank',
    { 'resift.reranker': reranker?.id ?? 'none' },
    () =>
      rerankCandidates(query, found.candidates, reranker, {
        budgetMs: parts.limits.rerankBudgetMs ?? 800,
        signal,
        tokenizer: parts.tokenizer,
      }),
    ({ rerank }) => rerankAttributes(rerank),
  );
  const timings = { retrieveMs: found.retrieval.elapsedMs, rerankMs: rerank.elapsedMs, totalMs: elapsed() };
  const outcome: SearchOutcome = { results: sources, rerank, retrieval: found.retrieval, usage, timings };
  if (recalled && isWhole(outcome)) recalled.keep(outcome);
  return { ...outcome, results: sources.slice(0, options.topK ?? sources.length) };
}

function retrievalAttributes({ found, legs }: RetrievalStatus): Attributes {
  const ofLegs = Object.entries(legs).flatMap(([leg, { status, found, reason }]) => [
    [`resift.leg.${leg}.status`, reason === undefined ? status : `${status}: ${reason}`],
    [`resift.leg.${leg}.found`, found],
  ]);
  return { 'resift.found': found, ...Object.fromEntries(ofLegs) };
}

function rerankAttributes({ status, reason, window, scored, invalid, cacheHits, budgetMs }: RerankInfo): Attributes {
  return {
    'resift.rerank.status': status,
    ...(reason !== undefined && { 'resift.rerank.reason': reason }),
    'resift.rerank.window': window,
    'resift.rerank.scored': scored,
    'resift.rerank.invalid': invalid,
    'resift.rerank.cache_hits': cacheHits,
    'resift.rerank.budget_ms': budgetMs,
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
