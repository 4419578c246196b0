import {
  type Document,
  fuse,
  isResiftError,
  type LegStatus,
  ResiftError,
  type RetrieveOptions,
  type Retriever,
  type Scored,
  untilAborted,
} from '@resift/core';
import { checkRetrieval } from './internal/check-retrieval.ts';

export interface HybridOptions {
  /** How many candidates each leg gives at least. Default 100; never fewer than `topK`. */
  readonly depth?: number | undefined;
  /** RRF's constant. Default 60 (Cormack, Clarke & Büttcher 2009). */
  readonly k?: number | undefined;
  /** Weight of a leg by its name. Default 1. */
  readonly weights?: Readonly<Record<string, number>> | undefined;
  /** A leg that takes longer counts as failed with reason `deadline`. Default: no limit but the caller's signal. */
  readonly legTimeoutMs?: number | undefined;
}

export interface HybridResult<D extends Document> {
  readonly results: readonly Scored<D>[];
  readonly legs: Readonly<Record<string, LegStatus>>;
}

export interface HybridRetriever<D extends Document = Document> extends Retriever<D> {
  /** The same, with what each leg did. */
  retrieveWithStatus(query: string, options: RetrieveOptions): Promise<HybridResult<D>>;
}

/**
 * Runs all legs at once and merges their lists by reciprocal rank fusion. A leg that fails is reported and left out; `unavailable` only
 * if all fail. The caller's own mistakes (`invalid_input`, `not_found`) and an abort reject as they are.
 */
export function hybrid<D extends Document>(legs: Readonly<Record<string, Retriever<D>>>, options: HybridOptions = {}): HybridRetriever<D> {
  const { depth = 100, k, weights, legTimeoutMs } = options;
  const names = Object.keys(legs);
  if (names.length === 0) throw new ResiftError('invalid_input', 'Expected at least one leg to retrieve from, got none.');

  async function retrieveWithStatus(query: string, asked: RetrieveOptions): Promise<HybridResult<D>> {
    checkRetrieval(query, asked);
    const { topK, filter, signal } = asked;
    const answers = await Promise.all(
      names.map((name) => attempt(legs[name]!, query, { topK: Math.max(depth, topK), filter, signal }, legTimeoutMs)),
    );
    signal?.throwIfAborted();
    const statuses = Object.fromEntries(names.map((name, i) => [name, answers[i]!.status]));
    const mistake = answers.find(({ error }) => isResiftError(error, 'invalid_input') || isResiftError(error, 'not_found'));
    if (mistake) throw mistake.error;
    if (answers.every(({ error }) => error !== undefined)) {
      throw new ResiftError('unavailable', `All ${names.length} legs of the retrieval failed: ${names.join(', ')}.`, {
        cause: answers[0]!.error,
        details: { legs: statuses },
      });
    }
    const lists = answers.map(({ found }) => found);
    return { results: fuse(lists, { k, weights: names.map((name) => weights?.[name] ?? 1) }).slice(0, topK), legs: statuses };
  }

  return {
    id: `hybrid(${names.join('+')})`,
    retrieveWithStatus,
    retrieve: async (query, asked) => (await retrieveWithStatus(query, asked)).results,
  };
}

interface Attempt<D extends Document> {
  readonly found: readonly Scored<D>[];
  readonly status: LegStatus;
  readonly error?: unknown;
}

async function attempt<D extends Document>(
  leg: Retriever<D>,
  query: string,
  options: RetrieveOptions,
  timeoutMs: number | undefined,
): Promise<Attempt<D>> {
  const began = performance.now();
  const elapsed = () => Math.round((performance.now() - began) * 10) / 10;
  const deadline = new AbortController();
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(() => deadline.abort(new ResiftError('timeout', 'The leg took too long.')), timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline.signal]) : deadline.signal;
  try {
    const found = await untilAborted(leg.retrieve(query, { ...options, signal }), signal);
    return { found, status: { status: 'ok', found: found.length, elapsedMs: elapsed() } };
  } catch (error) {
    const reason = deadline.signal.aborted ? 'deadline' : reasonOf(error);
    return { found: [], error, status: { status: 'failed', found: 0, elapsedMs: elapsed(), reason } };
  } finally {
    clearTimeout(timer);
  }
}

function reasonOf(error: unknown): string {
  if (!isResiftError(error)) return 'unavailable';
  const { reason } = error.details;
  return typeof reason === 'string' ? reason : error.code;
}
