import { planBatches, type Usage } from '@resift/core';

export interface PlanLimits {
  /** Most texts of one run. */
  readonly batch?: number | undefined;
  /** Most tokens of a group, padding counted: as much as an aborted call may still run. */
  readonly groupTokens: number;
  readonly workers: number;
  readonly tokenBudget?: number | undefined;
}

/** Positions in groups of batches: a worker runs a group, batch after batch. */
export type Plan = readonly (readonly (readonly number[])[])[];

/**
 * Spreads inputs of the given lengths over the workers, in batches of similar length and in groups of about as many tokens each, as many for one worker as for another: whoever is done
 * first would wait for the others. What the budget does not reach is left out.
 */
export function planGroups(
  lengths: readonly number[],
  { batch, groupTokens, workers, tokenBudget = Number.POSITIVE_INFINITY }: PlanLimits,
): Plan {
  const total = Math.min(
    tokenBudget,
    lengths.reduce((sum, length) => sum + length, 0),
  );
  const perWorker = Math.max(1, Math.ceil(total / (groupTokens * workers)));
  const share = Math.min(groupTokens, Math.ceil(total / (perWorker * workers)));
  const groups: number[][][] = [];
  let tokens = 0;
  for (const positions of planBatches(lengths, { maxBatchTokens: share, maxBatchTexts: batch, tokenBudget })) {
    const size = positions.length * lengths[positions[0]!]!; // the longest comes first
    if (groups.length === 0 || tokens + size > groupTokens || tokens + size / 2 > share) {
      groups.push([]);
      tokens = 0;
    }
    groups.at(-1)!.push([...positions]);
    tokens += size;
  }
  return groups;
}

/** What the planned inputs cost. `truncated[i]`: whether text i was cut. */
export function planUsage(plan: Plan, lengths: readonly number[], truncated: (position: number) => boolean): Partial<Usage> {
  const reached = plan.flat(2);
  return {
    calls: plan.flat().length,
    inputTokens: reached.reduce((sum, position) => sum + lengths[position]!, 0),
    truncated: reached.filter(truncated).length,
  };
}
