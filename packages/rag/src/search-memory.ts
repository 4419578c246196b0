import type { Filter } from '@resift/core';
import type { SearchOutcome } from './search.ts';

/** What was asked: equal questions over an unchanged collection have equal answers. */
export interface SearchAsked {
  readonly query: string;
  readonly candidates: number;
  readonly reranked: boolean;
  readonly filter?: Filter | undefined;
}

/** Remembers whole searches. Whoever makes one answers for it that nothing is recalled once the passages, the models or the settings are others. */
export interface SearchMemory {
  recall(asked: SearchAsked): Promise<Recalled>;
}

export interface Recalled {
  /** What this very search gave before. */
  readonly known?: SearchOutcome | undefined;
  /** Takes what it gave now; only called for a search that lacks nothing. */
  keep(outcome: SearchOutcome): void;
}

/** Whether a search did all that it was asked: one that was degraded, cut short or lost a leg may turn out better next time. */
export function isWhole({ rerank, retrieval }: SearchOutcome): boolean {
  const reranked = rerank.status === 'disabled' || (rerank.status === 'applied' && rerank.invalid === 0);
  return reranked && Object.values(retrieval.legs).every(({ status }) => status === 'ok');
}
