import { ResiftError } from '@resift/core';
import { type Comparison, type ComparisonOptions, comparePaired } from '../significance/comparison.ts';
import { holm } from '../significance/holm.ts';
import type { ExperimentResult, SystemResult } from './result.ts';

/** One metric of one pair of systems. */
export interface MetricComparison extends Comparison {
  readonly metric: string;
  readonly better: 'higher' | 'lower';
  /** The compared system, and the one it is compared with. */
  readonly system: string;
  readonly against: string;
  /** The slice, or absent for all questions. */
  readonly slice?: string;
  /** Randomisation p after Holm's correction over everything that was compared with it. */
  readonly adjustedP: number;
  readonly verdict: 'better' | 'worse' | 'no difference shown';
}

export interface CompareOptions extends ComparisonOptions {
  /** Level over all comparisons together. Default 0.05. */
  readonly alpha?: number | undefined;
  /** Which metrics. Default: all. */
  readonly metrics?: readonly string[] | undefined;
  /** Take results that hold degraded queries. Default false. */
  readonly allowDegraded?: boolean | undefined;
}

/** Compares two results question by question, for every system that both have, on the questions that both answered. A metric's Holm correction runs over the systems. */
export function compareResults(before: ExperimentResult, after: ExperimentResult, options: CompareOptions = {}): MetricComparison[] {
  for (const result of [before, after]) {
    if (result.valid || options.allowDegraded) continue;
    throw new ResiftError(
      'invalid_input',
      `${result.name} of ${result.finishedAt} holds degraded queries: its numbers measure a fault. Run it again.`,
    );
  }
  if (before.dataSet.fingerprint !== after.dataSet.fingerprint) {
    throw new ResiftError(
      'invalid_input',
      `The results are of different data (${before.dataSet.id} and ${after.dataSet.id}): nothing can be paired.`,
    );
  }
  const pairs = after.systems.flatMap((system) => {
    const known = before.systems.find(({ id }) => id === system.id);
    return known ? [{ name: system.id, a: known, b: system }] : [];
  });
  if (pairs.length === 0) throw new ResiftError('invalid_input', 'The two results share no system: compare runs of the same experiment.');
  return compareSystems(after, pairs, options);
}

/** Compares every system of a result with its own baseline. */
export function compareWithBaseline(
  result: ExperimentResult,
  options: CompareOptions & { readonly slice?: string | undefined } = {},
): MetricComparison[] {
  const { slice, ...rest } = options;
  const pairs = result.systems.flatMap((system): Pair[] => {
    const base = result.systems.find(({ id }) => id === (system.against ?? result.baseline));
    if (!base) throw new ResiftError('invalid_input', `The result has no system "${system.against ?? result.baseline}".`);
    return base.id === system.id ? [] : [{ name: system.id, a: base, b: system }];
  });
  return compareSystems(result, pairs, rest, slice);
}

interface Pair {
  readonly name: string;
  readonly a: SystemResult;
  readonly b: SystemResult;
}

function compareSystems(
  { metrics, questions }: ExperimentResult,
  pairs: readonly Pair[],
  options: CompareOptions,
  slice?: string,
): MetricComparison[] {
  const { alpha = 0.05, metrics: wanted } = options;
  return metrics
    .filter(({ name }) => !wanted || wanted.includes(name))
    .flatMap(({ name, better }) => {
      const compared = pairs.flatMap((pair) => {
        const [a, b] = shared(pair.a.values[name] ?? [], pair.b.values[name] ?? [], (i) => !slice || questions[i]!.slices.includes(slice));
        return a.length < 2 ? [] : [{ system: pair.name, against: pair.a.id, comparison: comparePaired(a, b, options) }];
      });
      const adjusted = holm(compared.map(({ comparison }) => comparison.randomisationP));
      return compared.map(({ system, against, comparison }, i): MetricComparison => {
        const significant = adjusted[i]! <= alpha;
        const gain = better === 'higher' ? comparison.difference.estimate : -comparison.difference.estimate;
        const verdict = significant ? (gain > 0 ? 'better' : 'worse') : 'no difference shown';
        return {
          ...comparison,
          metric: name,
          better,
          system,
          against,
          ...(slice !== undefined && { slice }),
          adjustedP: adjusted[i]!,
          verdict,
        };
      });
    });
}

/** Values of the questions to which the metric applies on both sides. */
function shared(a: readonly (number | null)[], b: readonly (number | null)[], use: (i: number) => boolean): [number[], number[]] {
  const kept = a.flatMap((value, i) => (value !== null && b[i] !== null && b[i] !== undefined && use(i) ? [i] : []));
  return [kept.map((i) => a[i]!), kept.map((i) => b[i]!)];
}
