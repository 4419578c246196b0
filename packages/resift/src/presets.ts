import type { Reranker } from '@resift/core';
import type { Models, OpenRerankerOptions, RerankerSize } from './open-models.ts';

export type PresetName = 'fast' | 'balanced' | 'quality';

export interface Preset {
  readonly reranker: Reranker<'probability'>;
  /** After this the first-stage order is served. */
  readonly budgetMs: number;
}

/**
 * Which model a preset uses and how long it may take (HTTP API, limits). Passages whose token vectors a store keeps are scored by `mini` from those under every preset (`storedFirst`):
 * that is faster than `tiny` reading them.
 */
export const PRESETS: Readonly<Record<PresetName, { readonly size: RerankerSize; readonly budgetMs: number }>> = {
  fast: { size: 'tiny', budgetMs: 200 },
  balanced: { size: 'cascade', budgetMs: 800 },
  quality: { size: 'mini', budgetMs: 5_000 },
};

/** The part of a budget after which a cascade stops reading, so that its answer comes before the budget ends. */
const IN_TIME = 0.85;

/** Opens the reranker of one preset. */
export async function openPreset(models: Models, name: PresetName, { scores }: Pick<OpenRerankerOptions, 'scores'> = {}): Promise<Preset> {
  const { size, budgetMs } = PRESETS[name];
  return { reranker: await models.reranker(size, { budgetMs: IN_TIME * budgetMs, scores }), budgetMs };
}
