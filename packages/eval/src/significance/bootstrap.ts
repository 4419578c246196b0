import { ResiftError } from '@resift/core';
import { random } from '../random.ts';
import { differences } from './paired.ts';

export interface BootstrapOptions {
  /** Default 10,000. */
  readonly samples?: number | undefined;
  /** Default 0.95. */
  readonly confidence?: number | undefined;
  /** Default 1. */
  readonly seed?: number | undefined;
}

export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** Percentile bootstrap interval of the mean of `b - a` over queries (Efron 1979; Sakai 2006 for retrieval). The percentiles are interpolated as in NumPy. */
export function pairedBootstrap(a: readonly number[], b: readonly number[], options: BootstrapOptions = {}): Interval {
  return bootstrapMean(differences(a, b), options);
}

/** Percentile bootstrap interval of a mean. */
export function bootstrapMean(values: readonly number[], options: BootstrapOptions = {}): Interval {
  return bootstrapRatio(values, undefined, options);
}

/** Percentile bootstrap interval of sum(numerator) / sum(denominator), resampled by query: rates over answers, relative changes. */
export function bootstrapRatio(
  numerator: readonly number[],
  denominator: readonly number[] | undefined,
  { samples = 10_000, confidence = 0.95, seed = 1 }: BootstrapOptions = {},
): Interval {
  const n = numerator.length;
  if (n === 0) throw new ResiftError('invalid_input', 'An interval needs at least one value.');
  if (!(confidence > 0 && confidence < 1))
    throw new ResiftError('invalid_input', `Expected a confidence between 0 and 1, got ${confidence}.`);
  const next = random(seed);
  const estimates = new Float64Array(samples);
  for (let s = 0; s < samples; s += 1) {
    let top = 0;
    let bottom = 0;
    for (let i = 0; i < n; i += 1) {
      const pick = Math.floor(next() * n);
      top += numerator[pick]!;
      bottom += denominator ? denominator[pick]! : 1;
    }
    estimates[s] = bottom === 0 ? 0 : top / bottom;
  }
  estimates.sort();
  const sum = (list: readonly number[]) => list.reduce((total, value) => total + value, 0);
  const under = denominator ? sum(denominator) : n;
  return {
    estimate: under === 0 ? 0 : sum(numerator) / under,
    low: quantile(estimates, (1 - confidence) / 2),
    high: quantile(estimates, (1 + confidence) / 2),
  };
}

/** Linear interpolation between order statistics (NumPy's default) of ascending values. */
export function quantile(sorted: ArrayLike<number>, probability: number): number {
  const position = probability * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
}
