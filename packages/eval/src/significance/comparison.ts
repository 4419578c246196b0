import { type BootstrapOptions, type Interval, pairedBootstrap } from './bootstrap.ts';
import { effectSize, minimumDetectableDifference } from './effect.ts';
import { holm } from './holm.ts';
import { differences, moments } from './paired.ts';
import { fisherRandomisation, type RandomisationOptions } from './randomisation.ts';
import { pairedT } from './t-test.ts';
import { wilcoxon } from './wilcoxon.ts';

/** Everything one needs to say whether `b` differs from `a` on the same queries. */
export interface Comparison {
  readonly queries: number;
  readonly a: number;
  readonly b: number;
  /** Mean of b - a with its bootstrap interval. */
  readonly difference: Interval;
  /** (b - a) / a; absent where a is 0. */
  readonly relative?: number;
  readonly randomisationP: number;
  readonly tP: number;
  readonly wilcoxonP: number;
  /** Cohen's d_z; absent where all differences are equal. */
  readonly effectSize?: number;
  readonly minimumDetectable: number;
  readonly wins: number;
  readonly losses: number;
}

export type ComparisonOptions = BootstrapOptions & RandomisationOptions;

/** Compares two systems query by query: `a[i]` and `b[i]` belong to the same query. */
export function comparePaired(a: readonly number[], b: readonly number[], options: ComparisonOptions = {}): Comparison {
  const d = differences(a, b);
  const meanA = moments(a).mean;
  const { mean, deviation } = moments(d);
  const effect = effectSize(a, b);
  return {
    queries: d.length,
    a: meanA,
    b: moments(b).mean,
    difference: pairedBootstrap(a, b, options),
    ...(meanA !== 0 && { relative: mean / meanA }),
    randomisationP: fisherRandomisation(a, b, options),
    tP: pairedT(a, b).p,
    wilcoxonP: wilcoxon(a, b).p,
    ...(effect !== undefined && { effectSize: effect }),
    minimumDetectable: minimumDetectableDifference(deviation, d.length),
    wins: d.filter((difference) => difference > 0).length,
    losses: d.filter((difference) => difference < 0).length,
  };
}

/** Compares many systems with one baseline; `adjustedP` is the randomisation test's p after Holm's correction over them all. */
export function compareMany<K extends string>(
  baseline: readonly number[],
  systems: Readonly<Record<K, readonly number[]>>,
  options: ComparisonOptions = {},
): Record<K, Comparison & { readonly adjustedP: number }> {
  const names = Object.keys(systems) as K[];
  const compared = names.map((name) => comparePaired(baseline, systems[name], options));
  const adjusted = holm(compared.map(({ randomisationP }) => randomisationP));
  return Object.fromEntries(names.map((name, i) => [name, { ...compared[i]!, adjustedP: adjusted[i]! }])) as Record<
    K,
    Comparison & { readonly adjustedP: number }
  >;
}
