import { type Reranker, ResiftError } from '@resift/core';
import { checkedWeights, runAll, together } from './fusion.ts';
import { derive } from './internal/derive.ts';
import { valuesOf } from './internal/values-of.ts';

export interface EnsembleOptions {
  /** One per reranker, above 0. Default: all 1. */
  readonly weights?: readonly number[] | undefined;
}

/**
 * The weighted mean of calibrated probabilities: only those may be averaged, and the type says so. A document has a score where every reranker that scored anything scored it;
 * one that failed open is left out. Calibrate again on top where the mean itself must be calibrated.
 */
export function ensemble(rerankers: readonly Reranker<'probability'>[], { weights }: EnsembleOptions = {}): Reranker<'probability'> {
  const legWeights = checkedWeights(rerankers, weights);
  const id = `ensemble(${rerankers.map((reranker) => reranker.id).join(', ')})`;
  const other = rerankers.find((reranker) => reranker.scale !== 'probability');
  if (other) throw new ResiftError('invalid_config', `Only calibrated scores can be averaged; ${other.id} gives a ${other.scale}.`);

  return derive({
    id,
    scale: 'probability',
    async score(query, texts, { signal, tokenBudget }, documents) {
      const legs = await runAll(rerankers, query, documents, { signal, tokenBudget });
      const alive = legs.flatMap((leg, l) =>
        leg.items.length > 0 ? [{ values: valuesOf(leg, texts.length), weight: legWeights[l]! }] : [],
      );
      const total = alive.reduce((sum, { weight }) => sum + weight, 0);
      const values = texts.map((_, i) => {
        if (alive.length === 0 || alive.some((leg) => leg.values[i] === undefined)) return undefined;
        return alive.reduce((sum, leg) => sum + leg.weight * leg.values[i]!, 0) / total;
      });
      return { values, ...together(legs) };
    },
  });
}
