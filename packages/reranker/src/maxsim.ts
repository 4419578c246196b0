import type { TokenVectors } from '@resift/core';

/**
 * MaxSim (ColBERT, Khattab & Zaharia 2020): the mean over the query's tokens of each one's best dot product with a token of the document.
 * A mean, not a sum, so that it does not grow with the query's length. 0 where either has no token.
 */
export function maxSim(query: TokenVectors, document: TokenVectors): number {
  const best = new Float32Array(query.count);
  bestMatches(query, document, best);
  return mean(best);
}

/** Dot products of one query token, kept between calls. */
let dots = new Float64Array(512);

/**
 * Writes into `best[i]` the greatest dot product of query token `i` with any token of the document, and where asked the place of that token into `places[i]`.
 * Zeros (and place -1) where the document has no token. Allocates nothing: this is the inner loop of late interaction. `row` sees all dot products of each query token.
 */
export function bestMatches(
  query: TokenVectors,
  document: TokenVectors,
  best: Float32Array,
  places?: Int32Array | undefined,
  row?: ((i: number, dots: Float64Array) => void) | undefined,
): void {
  const { data: q, dimensions } = query;
  const d = document.data;
  const whole = dimensions - (dimensions % 4);
  if (row && dots.length < document.count) dots = new Float64Array(2 * document.count);
  for (let i = 0; i < query.count; i++) {
    const from = i * dimensions;
    let top = document.count === 0 ? 0 : -Infinity;
    let place = -1;
    for (let j = 0; j < document.count; j++) {
      const to = j * dimensions;
      // Four sums at once: a single one would wait for each addition.
      let a = 0;
      let b = 0;
      let c = 0;
      let e = 0;
      let k = 0;
      for (; k < whole; k += 4) {
        a += q[from + k]! * d[to + k]!;
        b += q[from + k + 1]! * d[to + k + 1]!;
        c += q[from + k + 2]! * d[to + k + 2]!;
        e += q[from + k + 3]! * d[to + k + 3]!;
      }
      for (; k < dimensions; k++) a += q[from + k]! * d[to + k]!;
      const dot = a + b + (c + e);
      if (row) dots[j] = dot;
      if (dot > top) {
        top = dot;
        place = j;
      }
    }
    best[i] = top;
    if (places) places[i] = place;
    row?.(i, dots);
  }
}

/** How sharp the soft maximum is: at 12 it lies about 0.1 to 0.3 above the maximum. */
const SHARPNESS = 12;

/**
 * A soft MaxSim beside the hard one: `soft[i]` is ln Σ exp(12 · s) / 12 over the dot products s of query token `i`, so that a second good match counts too. Zeros where the document has no token.
 */
export function softMatches(query: TokenVectors, document: TokenVectors, best: Float32Array, soft: Float64Array): void {
  bestMatches(query, document, best, undefined, (i, dots) => {
    const top = best[i]!;
    let sum = 0;
    for (let j = 0; j < document.count; j++) sum += Math.exp(SHARPNESS * (dots[j]! - top));
    soft[i] = document.count === 0 ? 0 : top + Math.log(sum) / SHARPNESS;
  });
}

/** Mean of all values, or the mean weighted by `weights`; 0 for no value, or for weights that are all 0. */
export function mean(values: ArrayLike<number>, weights?: ArrayLike<number>): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    const weight = weights ? weights[i]! : 1;
    sum += weight * values[i]!;
    total += weight;
  }
  return total === 0 ? 0 : sum / total;
}
