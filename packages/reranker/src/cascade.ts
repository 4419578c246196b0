import {
  addUsage,
  checkInput,
  type Document,
  type Ranked,
  type Ranking,
  type Reranker,
  type RerankOptions,
  ResiftError,
  type Scale,
} from '@resift/core';
import { below, byScore } from './internal/descending.ts';

export interface CascadeOptions {
  /**
   * What happens to the documents that only `fast` has seen. `skipped` (default): they come back in `skipped`, best first. `capped`: they get fast's score, but
   * never more than just under the lowest one of `accurate`, so that every document has a score; both must be on one scale, best a calibrated one.
   */
  readonly tail?: 'skipped' | 'capped' | undefined;
}

/**
 * Cheap first, dear second: `fast` sees everything, `accurate` only the best `keep`. The status is the one of `accurate`, whose window is what it was given.
 * A token budget is for both together.
 */
export function cascade<S extends Scale>(
  fast: Reranker,
  keep: number,
  accurate: Reranker<S>,
  { tail = 'skipped' }: CascadeOptions = {},
): Reranker<S> {
  if (!Number.isInteger(keep) || keep < 1)
    throw new ResiftError('invalid_config', `Expected \`keep\` to be a whole number of 1 or more, got ${keep}.`);
  if (tail === 'capped' && fast.scale !== accurate.scale) {
    throw new ResiftError(
      'invalid_config',
      `A capped tail needs both stages on one scale, got ${fast.scale} and ${accurate.scale}: calibrate them, or use tail 'skipped'.`,
    );
  }

  return {
    id: `cascade(${fast.id}, ${keep}, ${accurate.id})`,
    scale: accurate.scale,
    async rerank<D extends Document>(query: string, documents: readonly D[], options: RerankOptions = {}): Promise<Ranking<D, S>> {
      const { topK, ...limits } = options;
      limits.signal?.throwIfAborted();
      checkInput(query, documents, topK);
      const coarse = await fast.rerank(query, documents, limits);
      const kept = coarse.items.slice(0, keep);
      const fine = await accurate.rerank(
        query,
        kept.map((item) => item.document),
        { ...limits, tokenBudget: left(limits.tokenBudget, coarse.usage.inputTokens) },
      );

      const head = fine.items.map((item) => ({ ...item, index: kept[item.index]!.index })).sort(byScore);
      const rest = coarse.items.slice(keep);
      const capped =
        tail === 'capped' && fine.skipped.length === 0
          ? cap(rest, head.at(-1)?.score ?? Infinity, accurate.scale === 'probability' ? 0 : -Infinity)
          : [];
      const behind = capped.length > 0 ? [] : rest.map((item) => item.document);
      return {
        items: [...head, ...capped].slice(0, topK),
        skipped: [...fine.skipped, ...behind, ...coarse.skipped],
        scale: accurate.scale,
        usage: addUsage(coarse.usage, fine.usage),
        status: {
          ...fine.status,
          window: fine.status.window + capped.length,
          scored: fine.status.scored + capped.length,
          invalid: fine.status.invalid + coarse.status.invalid,
          cacheHits: fine.status.cacheHits + coarse.status.cacheHits,
        },
      };
    },
  };
}

function cap<D extends Document>(rest: readonly Ranked<D>[], lowest: number, floor: number): Ranked<D>[] {
  let before = lowest;
  let old = Infinity;
  return rest.map((item) => {
    const score = item.score === old ? before : Math.max(floor, Math.min(item.score, below(before)));
    before = score;
    old = item.score;
    return { ...item, score };
  });
}

function left(budget: number | undefined, spent: number): number | undefined {
  return budget === undefined ? undefined : Math.max(0, budget - spent);
}
