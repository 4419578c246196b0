import type { TokenVectors } from '@resift/core';

/**
 * MaxSim (ColBERT, Khattab & Zaharia 2020): the mean over the query's tokens of each one's best dot product with a token of the document.
 * A mean, not a sum, so that it does not grow with the query's length. 0 where either has no token.
 */
export function maxSim(query: TokenVectors, document: TokenVectors): number {
  const best = new Float64Array(query.count);
  bestMatches(query, document, best);
  return mean(best);
}

/**
 * Writes into `best[i]` the greatest dot product of query token `i` with any token of the document, and where asked the place of that token into `places[i]`.
 * Zeros (and place -1) where the document has no token.
 */
export function bestMatches(query: TokenVectors, document: TokenVectors, best: Float64Array, places?: Int32Array): void {
  const table = dotProducts(query, document);
  for (let i = 0; i < query.count; i++) {
    const from = i * document.count;
    let place = document.count === 0 ? -1 : 0;
    for (let j = 1; j < document.count; j++) if (table[from + j]! > table[from + place]!) place = j;
    best[i] = place < 0 ? 0 : table[from + place]!;
    if (places) places[i] = place;
  }
}

/** How sharp the soft maximum is: at 12 it lies about 0.1 to 0.3 above the maximum. */
const SHARPNESS = 12;

/**
 * A soft MaxSim beside the hard one: `soft[i]` is ln Σ exp(12 · s) / 12 over the dot products s of query token `i`, so that a second good match counts too. Zeros where the document has no token.
 */
export function softMatches(query: TokenVectors, document: TokenVectors, best: Float64Array, soft: Float64Array): void {
  bestMatches(query, document, best);
  for (let i = 0; i < query.count; i++) {
    const from = i * document.count;
    let sum = 0;
    for (let j = 0; j < document.count; j++) sum += Math.exp(SHARPNESS * (scratch[from + j]! - best[i]!));
    soft[i] = document.count === 0 ? 0 : best[i]! + Math.log(sum) / SHARPNESS;
  }
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

/** The last table of dot products, kept so that no call allocates. */
let scratch = new Float64Array(32 * 256);

/**
 * All dot products, row `i` for query token `i`; the array is reused by the next call. The inner loop of late interaction: four query tokens against two of the document at once, so that
 * each number read serves several products (2.5 times as fast as one by one).
 */
function dotProducts(query: TokenVectors, document: TokenVectors): Float64Array {
  const { data: q, dimensions: size, count: rows } = query;
  const { data: d, count: columns } = document;
  if (scratch.length < rows * columns) scratch = new Float64Array(2 * rows * columns);
  const table = scratch;

  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const q0 = i * size;
    const q1 = q0 + size;
    const q2 = q1 + size;
    const q3 = q2 + size;
    let j = 0;
    for (; j + 2 <= columns; j += 2) {
      const d0 = j * size;
      const d1 = d0 + size;
      let a0 = 0;
      let a1 = 0;
      let b0 = 0;
      let b1 = 0;
      let c0 = 0;
      let c1 = 0;
      let e0 = 0;
      let e1 = 0;
      for (let k = 0; k < size; k++) {
        const x = d[d0 + k]!;
        const y = d[d1 + k]!;
        const a = q[q0 + k]!;
        const b = q[q1 + k]!;
        const c = q[q2 + k]!;
        const e = q[q3 + k]!;
        a0 += a * x;
        a1 += a * y;
        b0 += b * x;
        b1 += b * y;
        c0 += c * x;
        c1 += c * y;
        e0 += e * x;
        e1 += e * y;
      }
      const t = i * columns + j;
      table[t] = a0;
      table[t + 1] = a1;
      table[t + columns] = b0;
      table[t + columns + 1] = b1;
      table[t + 2 * columns] = c0;
      table[t + 2 * columns + 1] = c1;
      table[t + 3 * columns] = e0;
      table[t + 3 * columns + 1] = e1;
    }
    for (; j < columns; j++) for (let row = i; row < i + 4; row++) table[row * columns + j] = dot(q, row * size, d, j * size, size);
  }
  for (; i < rows; i++) for (let j = 0; j < columns; j++) table[i * columns + j] = dot(q, i * size, d, j * size, size);
  return table;
}

/** Summed in the same order as in the tiles, so that a token's score does not depend on its place. */
function dot(a: Float32Array, from: number, b: Float32Array, to: number, size: number): number {
  let sum = 0;
  for (let k = 0; k < size; k++) sum += a[from + k]! * b[to + k]!;
  return sum;
}
