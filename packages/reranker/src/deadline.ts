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
import { byScore } from './internal/descending.ts';
import { rankingStatus } from './internal/ranking-status.ts';
import { checkBudget, within } from './internal/within.ts';

export interface DeadlineOptions {
  /**
   * Rerank this many documents at a time, in first-stage order, so that what was scored in time is kept: the answer is then `partial` with reason `deadline`, and
   * equals that of the first m documents alone. Only right for a reranker whose scores do not depend on the other documents. Default: all at once.
   */
  readonly slice?: number | undefined;
}

/** Gives a reranker at most `budgetMs`, then rejects with `timeout` (or gives what `slice` saved), and aborts the work. A caller's own abort stays the caller's. */
export function withDeadline<S extends Scale>(reranker: Reranker<S>, budgetMs: number, { slice }: DeadlineOptions = {}): Reranker<S> {
  checkBudget(budgetMs);
  if (slice !== undefined && (!Number.isInteger(slice) || slice < 1 || reranker.scale === 'ordinal')) {
    throw new ResiftError(
      'invalid_config',
      `Expected \`slice\` to be a whole number of 1 or more over a reranker that is not ordinal, got ${slice} over ${reranker.scale}.`,
    );
  }

  return {
    id: reranker.id,
    scale: reranker.scale,
    async rerank<D extends Document>(query: string, documents: readonly D[], options: RerankOptions = {}): Promise<Ranking<D, S>> {
      const { topK, signal } = options;
      signal?.throwIfAborted();
      checkInput(query, documents, topK);
      if (!slice || documents.length <= slice) {
        return within(budgetMs, signal, (signal) => reranker.rerank(query, documents, { ...options, signal }));
      }

      const done: Progress<D> = { items: [], skipped: [], usage: noUsage, invalid: 0, cacheHits: 0, reached: 0 };
      const late = await within(budgetMs, signal, (signal) => slices(reranker, query, documents, { ...options, signal }, slice, done)).then(
        () => false,
        (error: unknown) => {
          if (done.items.length > 0 && isResiftError(error, 'timeout') && !signal?.aborted) return true;
          throw error;
        },
      );
      const items = [...done.items].sort(byScore);
      const status = rankingStatus(documents.length, items.length, { ...done, reason: late ? 'deadline' : undefined });
      return {
        items: items.slice(0, topK),
        skipped: [...done.skipped, ...documents.slice(done.reached)],
        scale: reranker.scale,
        usage: done.usage,
        status,
      };
    },
  };
}

interface Progress<D extends Document> {
  items: Ranked<D>[];
  skipped: D[];
  usage: Ranking['usage'];
  invalid: number;
  cacheHits: number;
  /** Documents before this position are done. */
  reached: number;
}

async function slices<D extends Document>(
  reranker: Reranker,
  query: string,
  documents: readonly D[],
  { signal, tokenBudget }: RerankOptions,
  slice: number,
  done: Progress<D>,
): Promise<void> {
  for (let start = 0; start < documents.length; start += slice) {
    const ranking = await reranker.rerank(query, documents.slice(start, start + slice), {
      signal,
      tokenBudget: tokenBudget === undefined ? undefined : Math.max(0, tokenBudget - done.usage.inputTokens),
    });
    signal?.throwIfAborted();
    done.items = [...done.items, ...ranking.items.map((item) => ({ ...item, index: item.index + start }))];
    done.skipped = [...done.skipped, ...ranking.skipped];
    done.usage = addUsage(done.usage, ranking.usage);
    done.invalid += ranking.status.invalid;
    done.cacheHits += ranking.status.cacheHits;
    done.reached = start + slice;
  }
}
