import { type Reranker, ResiftError } from '@resift/core';

/**
 * Drops what scored below `minimum`. Only calibrated scores can be thresholded: anything else is a type error. What was not scored stays in `skipped`, since nothing is known against it.
 */
export function atLeast(minimum: number, reranker: Reranker<'probability'>): Reranker<'probability'> {
  if (!(minimum >= 0 && minimum <= 1)) throw new ResiftError('invalid_config', `Expected a minimum from 0 to 1, got ${minimum}.`);
  if (reranker.scale !== 'probability') {
    throw new ResiftError('invalid_config', `Only a calibrated score can be thresholded; ${reranker.id} gives a ${reranker.scale}.`);
  }
  return {
    id: `at-least(${minimum}, ${reranker.id})`,
    scale: 'probability',
    async rerank(query, documents, options) {
      const ranking = await reranker.rerank(query, documents, options);
      return { ...ranking, items: ranking.items.filter((item) => item.score >= minimum) };
    },
  };
}
