import type { Document, Ranked } from '@resift/core';

/**
 * Gives an order new scores without losing the order: where the new score would not fall though the old one did, it is the next smaller number.
 * So a view that saturates (a sigmoid from 37 on) or has steps (isotonic) makes no ties that the model did not make.
 */
export function strictlyAs<D extends Document>(items: readonly Ranked<D>[], view: (score: number) => number): Ranked<D>[] {
  let before = Infinity;
  return items.map((item, i) => {
    const tied = i > 0 && items[i - 1]!.score === item.score;
    const score = tied ? before : Math.min(view(item.score), below(before));
    before = score;
    return { ...item, score };
  });
}

/** A number a little smaller: by one part in 2^52, at least by 2^-1022. */
export function below(value: number): number {
  return Number.isFinite(value) ? value - Math.max(Math.abs(value) * Number.EPSILON, 2 ** -1022) : value;
}

/** Best first, equals in input order. */
export function byScore(a: Ranked, b: Ranked): number {
  return b.score - a.score || a.index - b.index;
}
