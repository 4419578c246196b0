import { checkInput, type Document, noUsage, type Ranking, type Reranker, type RerankOptions, ResiftError, type Scale } from '@resift/core';
import { type ConfidenceInterval, type ConfidenceState, confidenceSequence } from './confidence-sequence.ts';
import { type LiftVerdict, liftVerdict } from './internal/lift-verdict.ts';

/** What chance gave a request: the reranked list, or first-stage order so that there is something to compare with. */
export type Arm = 'reranked' | 'held out';

/** A ranking that knows its arm. Keep it with the request, to tell the monitor of its clicks. */
export type HeldOutRanking<D extends Document, S extends Scale> = Ranking<D, S> & { readonly arm: Arm };

export interface HoldoutOptions {
  /** Share of requests that stay in first-stage order. 0 < share < 1. */
  readonly share: number;
  /** Numbers in [0, 1), one a request. Default `Math.random`. For one arm per user, give a number made of the user's id. */
  readonly random?: ((query: string) => number) | undefined;
}

/** A reranker that leaves a random share of requests alone: status `skipped`, reason `rule`. A request keeps its arm when the reranker fails, or the comparison would be of the easy requests only. */
export interface HeldOutReranker<S extends Scale> extends Reranker<S> {
  rerank<D extends Document>(query: string, documents: readonly D[], options?: RerankOptions): Promise<HeldOutRanking<D, S>>;
}

export function withHoldout<S extends Scale>(reranker: Reranker<S>, { share, random = Math.random }: HoldoutOptions): HeldOutReranker<S> {
  checkShare(share);
  return {
    id: reranker.id,
    scale: reranker.scale,
    async rerank(query, documents, options = {}) {
      options.signal?.throwIfAborted();
      checkInput(query, documents, options.topK);
      if (random(query) >= share) return { ...(await reranker.rerank(query, documents, options)), arm: 'reranked' };
      const status = { status: 'skipped', reason: 'rule', window: documents.length, scored: 0, invalid: 0, cacheHits: 0 } as const;
      return { items: [], skipped: documents, scale: reranker.scale, usage: noUsage, status, arm: 'held out' };
    },
  };
}

export interface HoldoutMonitorOptions {
  /** The share that `withHoldout` has, exactly: what is held out counts that much more. */
  readonly share: number;
  /** A smaller lift is not worth the time: a difference of mean outcomes. Default 0.02. */
  readonly threshold?: number | undefined;
  /** Chance that the interval ever misses the lift, however often one looks. Default 0.05. */
  readonly alpha?: number | undefined;
  /** Go on from what `state()` gave. */
  readonly state?: HoldoutState | undefined;
}

export interface HoldoutReport {
  readonly verdict: LiftVerdict;
  /** Mean outcome with reranking minus without, with an interval that holds at every moment. */
  readonly lift: ConfidenceInterval;
  readonly arms: Readonly<Record<Arm, { readonly count: number; readonly mean: number }>>;
}

/** Plain numbers, to be kept as JSON (`keptState`). */
export interface HoldoutState {
  readonly lift: ConfidenceState;
  readonly arms: Readonly<Record<Arm, { readonly count: number; readonly sum: number }>>;
}

export interface HoldoutMonitor {
  /** One request and what came of it, from 0 to 1: whether there was a click, the reciprocal place of the first, a thumb. Requests without a click count too, as 0. */
  observe(arm: Arm, outcome: number): void;
  report(): HoldoutReport;
  state(): HoldoutState;
}

/**
 * Compares requests that chance left in first-stage order with the others. Clicks on a reranked list alone say nothing, since what stands first is clicked first; two random groups that each see one order
 * can be compared. Each observation is an unbiased estimate of the lift (inverse propensity, centred on the arms' means so far), and their mean has a confidence sequence.
 */
export function holdoutMonitor({ share, threshold = 0.02, alpha = 0.05, state }: HoldoutMonitorOptions): HoldoutMonitor {
  checkShare(share);
  if (!(threshold >= 0 && threshold < 1)) throw new ResiftError('invalid_config', `Expected a threshold from 0 to 1, got ${threshold}.`);
  // An observation weighs the more, the rarer its arm.
  const widest = 1 / Math.min(share, 1 - share);
  const lift = confidenceSequence({ range: [-widest, widest], alpha, state: state?.lift });
  const arms: Record<Arm, { count: number; sum: number }> = {
    reranked: { count: 0, sum: 0, ...state?.arms.reranked },
    'held out': { count: 0, sum: 0, ...state?.arms['held out'] },
  };
  // What was known before this observation: it may not depend on it.
  const expected = (arm: Arm) => (arms[arm].sum + 0.5) / (arms[arm].count + 1);

  return {
    observe(arm, outcome) {
      if (!(outcome >= 0 && outcome <= 1))
        throw new ResiftError('invalid_input', `Expected an outcome from 0 to 1 (clicked or not), got ${outcome}.`);
      if (!(arm in arms)) throw new ResiftError('invalid_input', `Expected the arm 'reranked' or 'held out', got ${JSON.stringify(arm)}.`);
      const surprise = outcome - expected(arm);
      lift.observe(expected('reranked') - expected('held out') + (arm === 'reranked' ? surprise / (1 - share) : -surprise / share));
      arms[arm].count += 1;
      arms[arm].sum += outcome;
    },
    report() {
      const mean = ({ count, sum }: { count: number; sum: number }) => ({ count, mean: count === 0 ? 0 : sum / count });
      const interval = lift.interval();
      const found = { ...interval, lower: Math.max(-1, interval.lower), upper: Math.min(1, interval.upper) };
      return {
        verdict: liftVerdict(found, threshold),
        lift: found,
        arms: { reranked: mean(arms.reranked), 'held out': mean(arms['held out']) },
      };
    },
    state: () => ({ lift: lift.state(), arms: { reranked: { ...arms.reranked }, 'held out': { ...arms['held out'] } } }),
  };
}

function checkShare(share: number) {
  if (share > 0 && share < 1) return;
  throw new ResiftError('invalid_config', `Expected the held-out \`share\` between 0 and 1, for example 0.05, got ${share}.`);
}
