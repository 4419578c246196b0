import { offGrid, type TokenEmbedder } from '@resift/core';
import { products } from '../src/plaid/products.ts';
import { topPositions } from '../src/plaid/top-positions.ts';

/** For each query the positions of the `most` documents of the greatest MaxSim, by comparing all token vectors. */
export async function exactMaxSim(
  embedder: TokenEmbedder,
  texts: readonly string[],
  queries: readonly string[],
  most: number,
  onProgress: (done: number) => void,
): Promise<{ best: number[][] }> {
  const size = embedder.tokenDimensions;
  const { encodings } = await embedder.encode(queries, 'query');
  const asked = encodings.map((encoding) => offGrid(encoding!.tokens));
  const all = new Float32Array(asked.reduce((sum, rows) => sum + rows.length, 0));
  const starts = [0];
  for (const rows of asked) {
    all.set(rows, starts.at(-1)! * size);
    starts.push(starts.at(-1)! + rows.length / size);
  }
  const scores = queries.map(() => new Float64Array(texts.length));
  for (const [position, text] of texts.entries()) {
    const { encodings } = await embedder.encode([text], 'document');
    const rows = offGrid(encodings[0]!.tokens);
    const table = products(rows, all, size);
    const columns = all.length / size;
    const best = new Float32Array(columns).fill(-Infinity);
    for (let at = 0; at < table.length; at += columns) {
      for (let column = 0; column < columns; column++) if (table[at + column]! > best[column]!) best[column] = table[at + column]!;
    }
    for (const [query, values] of scores.entries()) {
      let sum = 0;
      for (let row = starts[query]!; row < starts[query + 1]!; row++) sum += best[row]!;
      values[position] = rows.length === 0 ? 0 : sum / (starts[query + 1]! - starts[query]!);
    }
    if (position % 500 === 499) onProgress(position + 1);
  }
  return { best: scores.map((values) => topPositions(values, most)) };
}
