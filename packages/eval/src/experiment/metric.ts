import type { RankingMetric } from '../ranking/metric.ts';
import type { Question } from './data-set.ts';
import type { Outcome } from './system.ts';

export interface MetricOptions {
  readonly signal?: AbortSignal | undefined;
}

/** A number for one question and its outcome; `undefined` where it does not apply (no judgements, an abstention). */
export interface Metric {
  readonly name: string;
  readonly better: 'higher' | 'lower';
  /** Of second interest: reported over all questions, not in every slice. Default false. */
  readonly detail?: boolean | undefined;
  /** For values that are costly to compute (a model judges): names what computes them. They are then cached with the outcomes. */
  readonly cacheAs?: string | undefined;
  measure(question: Question, outcome: Outcome, options: MetricOptions): number | undefined | Promise<number | undefined>;
}

/** A ranking metric over the ranked document ids. Questions without judgements are left out. */
export function rankingOf(metric: RankingMetric): Metric {
  return {
    name: metric.name,
    better: 'higher',
    measure: ({ judged }, { ranked }) => (judged ? metric.measure(ranked, judged) : undefined),
  };
}

/** Milliseconds of one stage, or of all together (`total`). */
export function latencyOf(stage = 'total'): Metric {
  return {
    name: stage === 'total' ? 'latency ms' : `${stage} ms`,
    better: 'lower',
    measure: (_, { stages: { cpu, ...stages } }) =>
      stage === 'cpu' ? cpu : stage === 'total' ? Object.values(stages).reduce((sum, ms) => sum + ms, 0) : stages[stage],
  };
}
