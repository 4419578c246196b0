export interface BatchLimits {
  /** Padded size of one batch: longest text × number of texts. */
  readonly maxBatchTokens: number;
  readonly maxBatchTexts?: number | undefined;
  /** Total over all batches. */
  readonly tokenBudget?: number | undefined;
}

/**
 * Groups positions into batches of similar length. The budget is spent in input order, so what it
 * does not reach is always the tail.
 */
export function planBatches(
  lengths: readonly number[],
  { maxBatchTokens, maxBatchTexts = Infinity, tokenBudget = Infinity }: BatchLimits,
): number[][] {
  let spent = 0;
  const reached: number[] = [];
  for (const [position, length] of lengths.entries()) {
    spent += length;
    if (spent > tokenBudget) break;
    reached.push(position);
  }

  const longestFirst = [...reached].sort((a, b) => lengths[b]! - lengths[a]!);
  const batches: number[][] = [];
  let batch: number[] = [];
  let width = 0;
  for (const position of longestFirst) {
    if (batch.length === maxBatchTexts || (batch.length > 0 && width * (batch.length + 1) > maxBatchTokens)) {
      batches.push(batch);
      batch = [];
    }
    if (batch.length === 0) width = lengths[position]!;
    batch.push(position);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
