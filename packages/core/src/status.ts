/** Whether the order that came back is the reranker's. Normative: docs of the HTTP API, `rerank.status`. */
export type RerankStatus =
  | 'applied' // every candidate was scored
  | 'partial' // some were; the rest follows in first-stage order, without a score
  | 'degraded' // none was, because something failed: first-stage order
  | 'skipped' // none was, because a rule or the budget said so before anything was called
  | 'disabled'; // nobody asked for it

export type RerankReason =
  | 'deadline'
  | 'overloaded'
  | 'circuit_open'
  | 'unavailable'
  | 'rate_limited'
  | 'bad_response'
  | 'invalid_scores'
  | 'worker_crash'
  | 'aborted'
  | 'budget'
  | 'rule';

/** What became of one rerank call. It never hides: it travels to the caller, the header and the metrics. */
export interface RankingStatus {
  readonly status: RerankStatus;
  readonly reason?: RerankReason;
  /** Candidates that were to be scored. */
  readonly window: number;
  readonly scored: number;
  /** Scores that were not finite numbers. Their candidates are in `skipped`. */
  readonly invalid: number;
  readonly cacheHits: number;
}
