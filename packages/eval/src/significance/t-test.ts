import { studentTwoSided } from './distributions.ts';
import { differences, moments } from './paired.ts';

export interface TTest {
  readonly t: number;
  readonly degrees: number;
  /** Two-sided. 1 where every difference is 0. */
  readonly p: number;
}

/** Student's paired t test of `b - a` (SciPy `ttest_rel`). */
export function pairedT(a: readonly number[], b: readonly number[]): TTest {
  const d = differences(a, b);
  const { mean, deviation } = moments(d);
  const degrees = d.length - 1;
  if (deviation === 0) return { t: mean === 0 ? 0 : mean > 0 ? Infinity : -Infinity, degrees, p: mean === 0 ? 1 : 0 };
  const t = mean / (deviation / Math.sqrt(d.length));
  return { t, degrees, p: studentTwoSided(t, degrees) };
}
