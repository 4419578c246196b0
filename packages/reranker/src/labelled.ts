import { type Label, type Reranker, ResiftError } from '@resift/core';

/** From which probability on a label is given. They belong to the model that was calibrated. */
export interface LabelThresholds {
  readonly veryLikely: number;
  readonly likely: number;
}

/** Says each probability in words too: `very likely`, `likely` or `unlikely`. Only calibrated scores have labels: anything else is a type error. */
export function labelled(reranker: Reranker<'probability'>, thresholds: LabelThresholds): Reranker<'probability'> {
  const { veryLikely, likely } = thresholds;
  if (!(likely > 0 && veryLikely >= likely && veryLikely <= 1)) {
    throw new ResiftError('invalid_config', `Expected 0 < likely <= veryLikely <= 1, got likely ${likely} and veryLikely ${veryLikely}.`);
  }
  const label = (score: number): Label => (score >= veryLikely ? 'very likely' : score >= likely ? 'likely' : 'unlikely');

  return {
    id: `labelled(${reranker.id})`,
    scale: 'probability',
    async rerank(query, documents, options) {
      const ranking = await reranker.rerank(query, documents, options);
      return { ...ranking, items: ranking.items.map((item) => ({ ...item, label: label(item.score) })) };
    },
  };
}
