import type { Document, Reranker } from '@resift/core';
import { ResiftError } from '@resift/core';
import { failOpen } from './fail-open.ts';

export interface RelevanceScorerOptions {
  /** Calibrated, since Mastra adds the score to others in [0, 1]. */
  readonly reranker: Reranker<'probability'>;
  /** Milliseconds to wait for more calls before scoring those that came. Default 0: the calls of one turn of the event loop. */
  readonly batchWindowMs?: number | undefined;
  /** Most pairs in one batch. Default 200. */
  readonly maxBatch?: number | undefined;
  /**
   * `keep-order` (default): where the reranker fails, and for a text that got no score, the answer is 0, so that Mastra's vector and position parts decide. `throw`: rejects, and with it Mastra's
   * whole call.
   */
  readonly onFailure?: 'keep-order' | 'throw' | undefined;
  /** Most milliseconds for one batch, with `keep-order`. Default: as long as it takes. */
  readonly budgetMs?: number | undefined;
}

interface Waiting extends Document {
  resolve(score: number): void;
  reject(error: unknown): void;
}

/**
 * A relevance scorer for Mastra's `rerankWithScorer`, which calls it once per document, all at once: calls for the same query become one forward pass. It has no signal to take, as Mastra passes none.
 */
export class ResiftRelevanceScorer {
  readonly #reranker: Reranker<'probability'>;
  readonly #strict: boolean;
  readonly #wait: (flush: () => void) => void;
  readonly #maxBatch: number;
  readonly #waiting = new Map<string, Waiting[]>();

  constructor({ reranker, batchWindowMs = 0, maxBatch = 200, onFailure = 'keep-order', budgetMs }: RelevanceScorerOptions) {
    if (reranker?.scale !== 'probability') {
      throw new ResiftError(
        'invalid_config',
        `Expected a reranker of calibrated scores, got ${reranker?.scale}: wrap it in \`calibrated\`.`,
      );
    }
    if (!Number.isInteger(maxBatch) || maxBatch < 1)
      throw new ResiftError('invalid_config', `Expected \`maxBatch\` of 1 or more, got ${maxBatch}.`);
    this.#strict = onFailure === 'throw';
    this.#reranker = this.#strict ? reranker : failOpen(reranker, { budgetMs });
    this.#wait = batchWindowMs > 0 ? (flush) => setTimeout(flush, batchWindowMs) : setImmediate;
    this.#maxBatch = maxBatch;
  }

  /** Mastra calls it as (query, text). A calibrated probability. */
  getRelevanceScore(query: string, text: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(query);
      const call = { id: String(waiting?.length ?? 0), text, resolve, reject };
      if (waiting) waiting.push(call);
      else {
        this.#waiting.set(query, [call]);
        this.#wait(() => this.#flush(query));
      }
    });
  }

  #flush(query: string): void {
    const waiting = this.#waiting.get(query) ?? [];
    this.#waiting.delete(query);
    for (let start = 0; start < waiting.length; start += this.#maxBatch)
      void this.#score(query, waiting.slice(start, start + this.#maxBatch));
  }

  async #score(query: string, batch: readonly Waiting[]): Promise<void> {
    try {
      const { items, skipped } = await this.#reranker.rerank(query, batch);
      for (const { document, score } of items) document.resolve(score);
      for (const document of skipped) {
        if (this.#strict) document.reject(new ResiftError('bad_output', `${this.#reranker.id} gave this text no score.`));
        else document.resolve(0);
      }
    } catch (error) {
      for (const document of batch) document.reject(error);
    }
  }
}
