import { normalTwoSided } from './distributions.ts';
import { differences } from './paired.ts';

export interface Wilcoxon {
  /** The smaller of the two rank sums. */
  readonly statistic: number;
  /** Two-sided. 1 where every difference is 0. */
  readonly p: number;
  readonly method: 'exact' | 'normal';
  /** Differences that are not 0. */
  readonly pairs: number;
}

/** Above this number of pairs, or with ties or zeros, the normal approximation is used. */
const EXACT_UP_TO = 50;

/**
 * Wilcoxon's signed-rank test of `b - a`. Zero differences are left out, equal ones share their mean rank, and the normal
 * approximation corrects for ties but not for continuity (SciPy `wilcoxon` with `zero_method='wilcox'`).
 */
export function wilcoxon(a: readonly number[], b: readonly number[]): Wilcoxon {
  const all = differences(a, b);
  const d = all.filter((difference) => difference !== 0).sort((x, y) => Math.abs(x) - Math.abs(y));
  const n = d.length;
  if (n === 0) return { statistic: 0, p: 1, method: 'exact', pairs: 0 };

  let positive = 0;
  let tieTerm = 0;
  for (let start = 0; start < n; ) {
    let end = start + 1;
    while (end < n && Math.abs(d[end]!) === Math.abs(d[start]!)) end += 1;
    const rank = (start + 1 + end) / 2;
    for (let i = start; i < end; i += 1) if (d[i]! > 0) positive += rank;
    tieTerm += (end - start) ** 3 - (end - start);
    start = end;
  }
  const statistic = Math.min(positive, (n * (n + 1)) / 2 - positive);
  if (tieTerm === 0 && n === all.length && n <= EXACT_UP_TO) return { statistic, p: exact(statistic, n), method: 'exact', pairs: n };

  const variance = (n * (n + 1) * (2 * n + 1) - tieTerm / 2) / 24;
  const z = (statistic - (n * (n + 1)) / 4) / Math.sqrt(variance);
  return { statistic, p: normalTwoSided(z), method: 'normal', pairs: n };
}

/** Twice the share of the 2^n sign assignments whose rank sum is at most the statistic. */
function exact(statistic: number, n: number): number {
  const most = (n * (n + 1)) / 2;
  const ways = new Float64Array(most + 1);
  ways[0] = 1;
  for (let rank = 1; rank <= n; rank += 1) for (let sum = most; sum >= rank; sum -= 1) ways[sum]! += ways[sum - rank]!;
  let below = 0;
  for (let sum = 0; sum <= statistic; sum += 1) below += ways[sum]!;
  return Math.min(1, (2 * below) / 2 ** n);
}
