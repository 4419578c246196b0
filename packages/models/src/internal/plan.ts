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

/** Spreads inputs of the given lengths over the workers, in batches of similar length. What the budget does not reach is left out. */
export function planGroups(lengths: readonly number[], { batch = Infinity, groupTokens, workers, tokenBudget }: PlanLimits): Plan {
  // No worker should be idle while another has two texts.
  const mostTexts = Math.max(1, Math.ceil(lengths.length / workers));
  const batches = planBatches(lengths, { maxBatchTokens: groupTokens, maxBatchTexts: Math.min(batch, mostTexts), tokenBudget });
  const groups: number[][][] = [];
  let tokens = 0;
  let texts = 0;
  for (const positions of batches) {
    const size = positions.length * lengths[positions[0]!]!; // the longest comes first
    if (groups.length === 0 || tokens + size > groupTokens || texts + positions.length > mostTexts) {
      groups.push([]);
      tokens = 0;
      texts = 0;
    }
    groups.at(-1)!.push([...positions]);
    tokens += size;
    texts += positions.length;
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
