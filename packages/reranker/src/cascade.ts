import {
  addUsage,
  checkInput,
  type Document,
  isResiftError,
  noUsage,
  type Ranked,
  type Ranking,
  type Reranker,
  type RerankOptions,
  ResiftError,
  type Scale,
} from '@resift/core';
import { withDeadline } from './deadline.ts';
import { below, byScore } from './internal/descending.ts';
import { checkBudget } from './internal/within.ts';

export interface CascadeOptions {
  /**
   * What happens to the documents that only `fast` has seen. `skipped` (default): they come back in `skipped`, best first. `capped`: they get fast's score, but
   * never more than just under the lowest one of `accurate`, so that every document has a score; both must be on one scale, best a calibrated one.
   */
  readonly tail?: 'skipped' | 'capped' | undefined;
  /**
   * Most milliseconds for both stages, asked for in good time: what `accurate` has not read by then keeps fast's place, and the status is `partial` with reason
   * `deadline`. So a slow machine still serves fast's order. Default: no limit of its own.
   */
  readonly budgetMs?: number | undefined;
}

/** So many documents at a time, where a budget may cut in: a fraction of a second each. */
const SLICE = 8;

/**
 * Cheap first, dear second: `fast` sees everything, `accurate` only the best `keep`. The status is the one of `accurate`, whose window is what it was given.
 * A token budget is for both together.
 */
export function cascade<S extends Scale>(
  fast: Reranker,
  keep: number,
  accurate: Reranker<S>,
  { tail = 'skipped', budgetMs }: CascadeOptions = {},
): Reranker<S> {
  checkBudget(budgetMs);
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
      const watch = performance.now();
      const coarse = await fast.rerank(query, documents, limits);
      const kept = coarse.items.slice(0, keep);
      const timeLeft = budgetMs === undefined ? undefined : budgetMs - (performance.now() - watch);
      const fine = await inTime(
        accurate,
        query,
        kept.map((item) => item.document),
        { ...limits, tokenBudget: left(limits.tokenBudget, coarse.usage.inputTokens) },
        timeLeft,
      );

      const head = fine.items.map((item) => ({ ...item, index: kept[item.index]!.index })).sort(byScore);
      const read = new Set(head.map(({ index }) => index));
      const rest = coarse.items.filter(({ index }) => !read.has(index));
      const floor = accurate.scale === 'probability' ? 0 : -Infinity;
      const capped = tail === 'capped' ? cap(rest, head.at(-1)?.score ?? Infinity, floor) : [];
      const behind = tail === 'capped' ? [] : rest.map((item) => item.document);
      return {
        items: [...head, ...capped].slice(0, topK),
        skipped: [...behind, ...coarse.skipped],
        scale: accurate.scale,
        usage: addUsage(coarse.usage, fine.usage),
        status: {
          ...fine.status,
          // Where fast's scores stand in for what the time did not reach, something was scored after all.
          ...(fine.status.status === 'skipped' && capped.length > 0 && { status: 'partial' as const }),
          ...(tail === 'capped' && { window: coarse.items.length, scored: head.length + capped.length }),
          invalid: fine.status.invalid + coarse.status.invalid,
          cacheHits: fine.status.cacheHits + coarse.status.cacheHits,
        },
      };
    },
  };
}

/** The second stage, in slices where there is a limit; what the time did not reach is `skipped`. */
async function inTime<D extends Document, S extends Scale>(
  accurate: Reranker<S>,
  query: string,
  documents: readonly D[],
  options: RerankOptions,
  timeLeft: number | undefined,
): Promise<Ranking<D, S>> {
  if (timeLeft === undefined) return accurate.rerank(query, documents, options);
  const late: Ranking<D, S> = {
    items: [],
    skipped: documents,
    scale: accurate.scale,
    usage: noUsage,
    status: { status: 'skipped', reason: 'deadline', window: documents.length, scored: 0, invalid: 0, cacheHits: 0 },
  };
  if (timeLeft <= 0) return late;
  const slice = accurate.scale === 'ordinal' ? undefined : SLICE;
  return withDeadline(accurate, timeLeft, { slice })
    .rerank(query, documents, options)
    .catch((error: unknown) => {
      if (isResiftError(error, 'timeout') && error.details['reason'] === 'deadline' && !options.signal?.aborted) return late;
      throw error;
    });
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
