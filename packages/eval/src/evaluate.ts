import { ResiftError } from '@resift/core';
import type { RankingMetric } from './ranking/metric.ts';
import { type Qrels, type Run, trecOrder } from './run.ts';

export interface Evaluation {
  readonly metric: string;
  readonly mean: number;
  /** In the order of the qrels. */
  readonly perQuery: ReadonlyMap<string, number>;
}

export interface EvaluateOptions {
  /** A judged query that the run does not answer: `zero` (default, so that silence never helps; `trec_eval -c`) or `skip` (plain `trec_eval`). */
  readonly unanswered?: 'zero' | 'skip' | undefined;
}

/**
 * Averages each metric over the judged queries. Queries of the run without judgements are left out, as trec_eval does.
 * Empty qrels, or qrels that share no query with the run, are `invalid_input`: their average would mean nothing.
 */
export function evaluate(
  run: Run,
  qrels: Qrels,
  metrics: readonly RankingMetric[],
  { unanswered = 'zero' }: EvaluateOptions = {},
): Evaluation[] {
  if (qrels.size === 0) throw new ResiftError('invalid_input', 'The qrels are empty: expected judgements for at least one query.');
  const answered = [...qrels.keys()].filter((query) => run.has(query));
  if (answered.length === 0) {
    throw new ResiftError(
      'invalid_input',
      `None of the run's ${run.size} queries is judged: check that run and qrels use the same query ids.`,
    );
  }
  const queries = unanswered === 'skip' ? answered : [...qrels.keys()];
  const ranked = new Map([...run].map(([query, entries]) => [query, trecOrder(entries, query)]));

  return metrics.map((metric) => {
    const perQuery = new Map(queries.map((query) => [query, metric.measure(ranked.get(query) ?? [], qrels.get(query)!)]));
    return { metric: metric.name, mean: mean([...perQuery.values()]), perQuery };
  });
}

/** Judged queries that the run leaves unanswered, and answered ones that nobody judged: what `evaluate` counts 0, and what it leaves out. */
export function coverage(run: Run, qrels: Qrels): { readonly unanswered: string[]; readonly unjudged: string[] } {
  return {
    unanswered: [...qrels.keys()].filter((query) => !run.has(query)),
    unjudged: [...run.keys()].filter((query) => !qrels.has(query)),
  };
}

/** The arithmetic mean; of nothing it is NaN. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
