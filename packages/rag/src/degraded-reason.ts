import { isResiftError, type RerankReason } from '@resift/core';

const BY_CODE: Readonly<Partial<Record<string, RerankReason>>> = {
  timeout: 'deadline',
  overloaded: 'overloaded',
  rate_limited: 'rate_limited',
  bad_output: 'bad_response',
  over_budget: 'budget',
};
const KNOWN: ReadonlySet<unknown> = new Set<RerankReason>([
  'deadline',
  'overloaded',
  'circuit_open',
  'unavailable',
  'rate_limited',
  'bad_response',
  'invalid_scores',
  'worker_crash',
  'aborted',
  'budget',
  'rule',
]);

/** Why a reranker failed, in the closed vocabulary of the API. A failure that explains itself in `details.reason` is believed. */
export function degradedReason(error: unknown): RerankReason {
  if (isResiftError(error)) {
    const { reason } = error.details;
    if (KNOWN.has(reason)) return reason as RerankReason;
    return BY_CODE[error.code] ?? 'unavailable';
  }
  if (error instanceof Error && error.name === 'TimeoutError') return 'deadline';
  return 'unavailable';
}
