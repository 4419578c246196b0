import { random } from '../random.ts';
import { differences } from './paired.ts';

export interface RandomisationOptions {
  /** Default 100,000: enough to tell 0.049 from 0.051. */
  readonly permutations?: number | undefined;
  /** Default 1. */
  readonly seed?: number | undefined;
}

/** Below this number of non-zero differences all 2^n sign assignments are tried. */
const EXACT_BELOW = 17;
/** Sums that differ by less than this share of the observed one are equal: adding in another order moves the last digits. */
const EQUAL = 1e-14;

/**
 * Fisher's paired randomisation test (Smucker, Allan & Carterette 2007): the two-sided probability that swapping the systems' values
 * at random, query by query, gives a mean difference at least as large. Exact for few queries and for yes-or-no metrics, otherwise
 * (count + 1) / (permutations + 1).
 */
export function fisherRandomisation(
  a: readonly number[],
  b: readonly number[],
  { permutations = 100_000, seed = 1 }: RandomisationOptions = {},
): number {
  const moved = differences(a, b).filter((difference) => difference !== 0);
  const observed = Math.abs(moved.reduce((sum, difference) => sum + difference, 0)) * (1 - EQUAL);
  if (moved.length < EXACT_BELOW) return exact(moved, observed);
  const size = Math.abs(moved[0]!);
  if (moved.every((difference) => Math.abs(difference) === size)) return binomial(moved.length, size, observed);

  const next = random(seed);
  let extreme = 0;
  for (let p = 0; p < permutations; p += 1) {
    let sum = 0;
    let bits = 0;
    for (let i = 0; i < moved.length; i += 1) {
      if (i % 30 === 0) bits = Math.floor(next() * 2 ** 30);
      sum += bits & 1 ? moved[i]! : -moved[i]!;
      bits >>= 1;
    }
    if (Math.abs(sum) >= observed) extreme += 1;
  }
  return (extreme + 1) / (permutations + 1);
}

/** All signs, depth first: every sum is made by as many additions as there are differences. */
function exact(moved: readonly number[], observed: number): number {
  const extremes = (depth: number, sum: number): number => {
    if (depth === moved.length) return Math.abs(sum) >= observed ? 1 : 0;
    return extremes(depth + 1, sum - moved[depth]!) + extremes(depth + 1, sum + moved[depth]!);
  };
  return extremes(0, 0) / 2 ** moved.length;
}

/** Yes-or-no metrics differ by one size only. The sum is then decided by how many signs are positive: a binomial, which needs no draws. */
function binomial(n: number, size: number, observed: number): number {
  let logWays = -n * Math.LN2;
  let p = 0;
  for (let positive = 0; positive <= n; positive += 1) {
    if (Math.abs(2 * positive - n) * size >= observed) p += Math.exp(logWays);
    logWays += Math.log((n - positive) / (positive + 1));
  }
  return Math.min(1, p);
}
