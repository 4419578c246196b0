import { ResiftError } from '@resift/core';
import { studentQuantile } from './distributions.ts';
import { differences, moments } from './paired.ts';

/** Standardised mean difference of pairs, Cohen's d_z: mean of `b - a` over its standard deviation. `undefined` where all differences are equal: there is no spread to measure with. */
export function effectSize(a: readonly number[], b: readonly number[]): number | undefined {
  const { mean, deviation } = moments(differences(a, b));
  return deviation === 0 ? undefined : mean / deviation;
}

export interface PowerOptions {
  /** Two-sided level. Default 0.05. */
  readonly alpha?: number | undefined;
  /** Wanted probability of finding a difference that is there. Default 0.8. */
  readonly power?: number | undefined;
}

/**
 * The smallest true mean difference that a two-sided paired t test finds with the wanted power, for this number of queries and this
 * spread of differences: (t[1 - alpha/2] + t[power]) × deviation / sqrt(n) (Zar 1999, 8.3). "No significant difference" means no more than "probably below this".
 */
export function minimumDetectableDifference(deviation: number, queries: number, { alpha = 0.05, power = 0.8 }: PowerOptions = {}): number {
  if (!(queries >= 2)) throw new ResiftError('invalid_input', `Expected at least 2 queries, got ${queries}.`);
  if (!(deviation >= 0)) throw new ResiftError('invalid_input', `Expected a standard deviation of 0 or more, got ${deviation}.`);
  const degrees = queries - 1;
  return ((studentQuantile(1 - alpha / 2, degrees) + studentQuantile(power, degrees)) * deviation) / Math.sqrt(queries);
}
