import {
  checkInput,
  type Document,
  type ErrorCode,
  isResiftError,
  noUsage,
  type Ranking,
  type Reranker,
  type RerankOptions,
  type RerankReason,
  type Scale,
} from '@resift/core';
import { type DeadlineOptions, withDeadline } from './deadline.ts';
import { sound } from './internal/sound.ts';
import { checkBudget } from './internal/within.ts';

export interface FailOpenOptions extends DeadlineOptions {
  /** Most milliseconds for one call; a hanging reranker then counts as failed. Default: as long as it takes. */
  readonly budgetMs?: number | undefined;
}

/** Hiding one of these would serve a wrong setup as if it were bad luck. */
const CLOSED: ReadonlySet<ErrorCode> = new Set(['invalid_input', 'input_too_long', 'invalid_config', 'not_found', 'corrupt']);

/**
 * Where the reranker fails, hangs or answers nonsense, gives the first-stage order instead: no items, all documents in `skipped` in input order, status `degraded` with its reason.
 * Still rejects for the caller's own abort, for invalid input, and for a wrong setup (`invalid_config`, `not_found`, `corrupt`).
 */
export function failOpen<S extends Scale>(reranker: Reranker<S>, { budgetMs, slice }: FailOpenOptions = {}): Reranker<S> {
  checkBudget(budgetMs);
  const limited = budgetMs === undefined ? reranker : withDeadline(reranker, budgetMs, { slice });

  return {
    id: reranker.id,
    scale: reranker.scale,
    async rerank<D extends Document>(query: string, documents: readonly D[], options: RerankOptions = {}): Promise<Ranking<D, S>> {
      const { signal, topK } = options;
      signal?.throwIfAborted();
      checkInput(query, documents, topK);
      try {
        return sound(await limited.rerank(query, documents, options), documents, reranker, options);
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        if (isResiftError(error) && CLOSED.has(error.code)) throw error;
        return unranked(documents, reranker.scale, reasonOf(error));
      }
    },
  };
}

/** The ranking of a call that failed: nothing scored, first-stage order. */
export function unranked<D extends Document, S extends Scale>(documents: readonly D[], scale: S, reason: RerankReason): Ranking<D, S> {
  const status = { status: 'degraded', reason, window: documents.length, scored: 0, invalid: 0, cacheHits: 0 } as const;
  return { items: [], skipped: documents, scale, usage: noUsage, status };
}

/** The reason that a status gives for an error. */
export function reasonOf(error: unknown): RerankReason {
  if (!isResiftError(error)) {
    const name = error instanceof Error ? error.name : '';
    return name === 'TimeoutError' ? 'deadline' : name === 'AbortError' ? 'aborted' : 'unavailable';
  }
  const given = error.details['reason'];
  if (given === 'worker_crash' || given === 'circuit_open' || given === 'invalid_scores') return given;
  return REASONS[error.code] ?? 'unavailable';
}

const REASONS: Partial<Record<ErrorCode, RerankReason>> = {
  timeout: 'deadline',
  overloaded: 'overloaded',
  rate_limited: 'rate_limited',
  bad_output: 'bad_response',
  over_budget: 'budget',
};
