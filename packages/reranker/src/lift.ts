import { ResiftError } from '@resift/core';
import { type ConfidenceInterval, type ConfidenceSequence, type ConfidenceState, confidenceSequence } from './confidence-sequence.ts';
import { type LiftVerdict, liftVerdict } from './internal/lift-verdict.ts';
import { displacement, type Grades, ndcg, overlapAt, recall, reciprocalRank } from './internal/list-measures.ts';

export type { LiftVerdict } from './internal/lift-verdict.ts';

export type LiftMeasure = 'ndcg@10' | 'recall@10' | 'mrr' | 'clicks';

export interface LiftOptions {
  /** What the verdict is about. Default `ndcg@10`; `clicks` is about interleaved requests. */
  readonly measure?: LiftMeasure | undefined;
  /** A smaller lift is not worth the time: a difference of the measure, where 1 is its whole range. Default 0.02. */
  readonly threshold?: number | undefined;
  /** Chance that an interval ever misses its mean, however often one looks. Default 0.05. */
  readonly alpha?: number | undefined;
  /** Go on from what `state()` gave. */
  readonly state?: LiftState | undefined;
}

/** Both orders of one query's candidates, by id, and where known how relevant they are. */
export interface LiftObservation {
  readonly firstStage: readonly string[];
  readonly reranked: readonly string[];
  /** By id; missing means not judged, and only order is compared. One without a relevant document says nothing. */
  readonly grades?: Grades | undefined;
}

export interface LiftReport {
  readonly verdict: LiftVerdict;
  readonly measure: LiftMeasure;
  /** After minus before, with intervals that hold at every moment. */
  readonly lifts: Readonly<Record<LiftMeasure, ConfidenceInterval>>;
  /** Means over judged queries. */
  readonly before: Readonly<Record<Exclude<LiftMeasure, 'clicks'>, number>>;
  readonly after: Readonly<Record<Exclude<LiftMeasure, 'clicks'>, number>>;
  /** How much reranking moves, over all queries: share of the first ten that stayed, and mean places moved. */
  readonly queries: number;
  readonly overlapAt10: number;
  readonly displacement: number;
}

/** Plain numbers, to be kept as JSON in memory or Redis. */
export interface LiftState {
  readonly sequences: Readonly<Record<LiftMeasure, ConfidenceState>>;
  readonly before: Readonly<Record<string, number>>;
  readonly after: Readonly<Record<string, number>>;
  readonly queries: number;
  readonly overlap: number;
  readonly displacement: number;
}

export interface LiftMonitor {
  observe(observation: LiftObservation): void;
  /** The outcome of one interleaved request: `creditClicks(...)`. Clicks on a list that was simply reranked do not count, since they favour what stands first. */
  observeClicks(outcome: -1 | 0 | 1): void;
  report(): LiftReport;
  state(): LiftState;
}

const MEASURES = {
  'ndcg@10': (ids: readonly string[], grades: Grades) => ndcg(ids, grades, 10),
  'recall@10': (ids: readonly string[], grades: Grades) => recall(ids, grades, 10),
  mrr: reciprocalRank,
} as const;
const JUDGED = Object.keys(MEASURES) as (keyof typeof MEASURES)[];

/** Compares first-stage and reranked order on live queries, and says whether reranking is worth its time. */
export function liftMonitor({ measure = 'ndcg@10', threshold = 0.02, alpha = 0.05, state }: LiftOptions = {}): LiftMonitor {
  if (!(threshold >= 0 && threshold < 1)) throw new ResiftError('invalid_config', `Expected a threshold from 0 to 1, got ${threshold}.`);
  const sequence = (name: LiftMeasure) => confidenceSequence({ range: [-1, 1], alpha, state: state?.sequences[name] });
  const sequences: Record<LiftMeasure, ConfidenceSequence> = {
    'ndcg@10': sequence('ndcg@10'),
    'recall@10': sequence('recall@10'),
    mrr: sequence('mrr'),
    clicks: sequence('clicks'),
  };
  const before: Record<string, number> = { ...state?.before };
  const after: Record<string, number> = { ...state?.after };
  let { queries, overlap, displacement: moved } = state ?? { queries: 0, overlap: 0, displacement: 0 };

  return {
    observe({ firstStage, reranked, grades }) {
      queries += 1;
      overlap += overlapAt(firstStage, reranked, 10);
      moved += displacement(firstStage, reranked);
      if (!grades) return;
      for (const name of JUDGED) {
        const old = MEASURES[name](firstStage, grades);
        const now = MEASURES[name](reranked, grades);
        if (old === undefined || now === undefined) continue;
        before[name] = (before[name] ?? 0) + old;
        after[name] = (after[name] ?? 0) + now;
        sequences[name].observe(now - old);
      }
    },
    observeClicks: (outcome) => sequences.clicks.observe(outcome),
    report() {
      const lifts = mapMeasures((name) => sequences[name].interval());
      const means = (sums: Record<string, number>) =>
        Object.fromEntries(JUDGED.map((name) => [name, (sums[name] ?? 0) / Math.max(1, lifts[name].count)])) as LiftReport['before'];
      return {
        verdict: liftVerdict(lifts[measure], threshold),
        measure,
        lifts,
        before: means(before),
        after: means(after),
        queries,
        overlapAt10: queries === 0 ? 1 : overlap / queries,
        displacement: queries === 0 ? 0 : moved / queries,
      };
    },
    state: () => ({
      sequences: mapMeasures((name) => sequences[name].state()),
      before: { ...before },
      after: { ...after },
      queries,
      overlap,
      displacement: moved,
    }),
  };
}

function mapMeasures<T>(value: (name: LiftMeasure) => T): Record<LiftMeasure, T> {
  return { 'ndcg@10': value('ndcg@10'), 'recall@10': value('recall@10'), mrr: value('mrr'), clicks: value('clicks') };
}
