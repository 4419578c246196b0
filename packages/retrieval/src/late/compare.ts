import { offGrid, type TokenVectors } from '@resift/core';
import { products } from '../plaid/products.ts';

/** MaxSim of a query with one document after another: the mean over the query's tokens of each one's best product with a token of the document; 0 where either has none. */
export function compareWith(rows: Float32Array, size: number): (tokens: TokenVectors) => number {
  const count = rows.length / size;
  return (tokens) => {
    if (count === 0 || tokens.count === 0) return 0;
    const table = products(rows, offGrid(tokens), size);
    const columns = tokens.count;
    let sum = 0;
    for (let from = 0; from < table.length; from += columns) {
      let best = -Infinity;
      for (let at = from; at < from + columns; at++) if (table[at]! > best) best = table[at]!;
      sum += best;
    }
    return sum / count;
  };
}
