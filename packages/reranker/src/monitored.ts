import { checkInput, type Document, noUsage, type Ranking, type Reranker, type RerankOptions, ResiftError, type Scale } from '@resift/core';
import type { LiftMonitor } from './lift.ts';

export interface MonitoredOptions {
  readonly monitor: LiftMonitor;
  /** Share of queries that are observed. Default 0.1. */
  readonly sample?: number | undefined;
  /** Grades by document id, where there are judgements or feedback for this query. */
  readonly grades?:
    | ((query: string) => Readonly<Record<string, number>> | undefined | Promise<Readonly<Record<string, number>> | undefined>)
    | undefined;
  /** Stop reranking while the verdict is `not worth it`. Default false. */
  readonly bypass?: boolean | undefined;
  /** Share of bypassed queries that are reranked and observed all the same, so that the verdict can change. Default 0.02. */
  readonly recheck?: number | undefined;
  /** Numbers in [0, 1). Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/**
 * Watches what a reranker does to the order of live queries, and by choice leaves it out while it is not worth its time: the documents then come back in first-stage order with status `skipped` and reason `rule`. Only complete rankings are observed. What watching costs or
 * breaks never reaches the caller.
 */
export function monitored<S extends Scale>(
  reranker: Reranker<S>,
  { monitor, sample = 0.1, grades, bypass = false, recheck = 0.02, random = Math.random }: MonitoredOptions,
): Reranker<S> {
  for (const [name, share] of Object.entries({ sample, recheck })) {
    if (!(share >= 0 && share <= 1)) throw new ResiftError('invalid_config', `Expected \`${name}\` from 0 to 1, got ${share}.`);
  }

  return {
    id: reranker.id,
    scale: reranker.scale,
    async rerank<D extends Document>(query: string, documents: readonly D[], options: RerankOptions = {}): Promise<Ranking<D, S>> {
      const { topK, signal } = options;
      signal?.throwIfAborted();
      checkInput(query, documents, topK);
      const idle = bypass && monitor.report().verdict === 'not worth it';
      const watched = random() < (idle ? recheck : sample);
      if (idle && !watched && documents.length > 0) {
        const status = { status: 'skipped', reason: 'rule', window: documents.length, scored: 0, invalid: 0, cacheHits: 0 } as const;
        return { items: [], skipped: documents, scale: reranker.scale, usage: noUsage, status };
      }
      const ranking = await reranker.rerank(query, documents, { ...options, topK: watched ? undefined : topK });
      if (!watched) return ranking;
      if (ranking.status.status === 'applied') void watch(query, documents, ranking);
      return { ...ranking, items: ranking.items.slice(0, topK) };
    },
  };

  async function watch(query: string, documents: readonly Document[], { items, skipped }: Ranking): Promise<void> {
    try {
      const reranked = [...items.map(({ document }) => document.id), ...skipped.map(({ id }) => id)];
      monitor.observe({ firstStage: documents.map(({ id }) => id), reranked, grades: await grades?.(query) });
    } catch {
      // A monitor that fails must not take the answer with it.
    }
  }
}
