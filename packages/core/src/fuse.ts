import type { Document } from './document.ts';
import type { Scored } from './retriever.ts';

/**
 * Reciprocal rank fusion (Cormack, Clarke & Büttcher 2009): the sum of weight / (k + rank) over the lists, ranks from 1.
 * It reads only the order, so lists on different scales can meet. Equal sums keep the order of first appearance.
 */
export function fuse<D extends Document>(
  lists: readonly (readonly Scored<D>[])[],
  { k = 60, weights }: { k?: number | undefined; weights?: readonly number[] | undefined } = {},
): Scored<D>[] {
  const fused = new Map<string, Scored<D>>();
  for (const [leg, list] of lists.entries()) {
    const weight = weights?.[leg] ?? 1;
    for (const [rank, { document }] of list.entries()) {
      const known = fused.get(document.id);
      fused.set(document.id, { document: known?.document ?? document, score: (known?.score ?? 0) + weight / (k + rank + 1) });
    }
  }
  return [...fused.values()].sort((a, b) => b.score - a.score);
}
