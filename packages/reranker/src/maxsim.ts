import { onGrid, type TokenVectors } from '@resift/core';
import { dotProducts } from './internal/dot-products.ts';

/**
 * MaxSim (ColBERT, Khattab & Zaharia 2020): the mean over the query's tokens of each one's best dot product with a token of the document.
 * A mean, not a sum, so that it does not grow with the query's length. 0 where either has no token. The document's vectors are snapped to the int8 grid first (`onGrid`), if they do not lie there.
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
  const table = dotProducts(query, onGrid(document));
  bestOf(table, query.count, document.count, best, places);
}

function bestOf(table: Float64Array, rows: number, columns: number, best: Float64Array, places?: Int32Array): void {
  for (let i = 0; i < rows; i++) {
    const from = i * columns;
    let place = columns === 0 ? -1 : 0;
    for (let j = 1; j < columns; j++) if (table[from + j]! > table[from + place]!) place = j;
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
  const table = dotProducts(query, onGrid(document));
  bestOf(table, query.count, document.count, best);
  for (let i = 0; i < query.count; i++) {
    const from = i * document.count;
    let sum = 0;
    for (let j = 0; j < document.count; j++) sum += Math.exp(SHARPNESS * (table[from + j]! - best[i]!));
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
