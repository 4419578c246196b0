import {
  type Document,
  type Grade,
  isResiftError,
  type Label,
  type Ranking,
  type RankingStatus,
  type Reranker,
  type RerankOptions,
  ResiftError,
  type Scale,
} from '@resift/core';
import { derive, statusOfAll } from './internal/derive.ts';
import { scoreKeys } from './internal/score-key.ts';
import { within } from './internal/within.ts';
import type { KeyValue } from './key-value.ts';

export interface CacheOptions {
  readonly store: KeyValue;
  /** Whose scores these are: tenants never share one. */
  readonly tenant: string;
  /**
   * Everything but the reranker's id that a score depends on: hashes of model and tokenizer, number type, maximal length, version of the prompt. A change of any of them must change this list.
   */
  readonly identity: readonly string[];
  /** Default: a day. */
  readonly ttlMs?: number | undefined;
  /** Most milliseconds to wait for the store, in each direction. Default 100. */
  readonly storeTimeoutMs?: number | undefined;
}

export interface CacheStatistics {
  readonly hits: number;
  readonly misses: number;
  /** Calls of the store that failed; they cost only time. */
  readonly failures: number;
  /** hits / (hits + misses); 0 before the first. */
  readonly hitRate: number;
}

/** A score that depends on the query and the text alone may be kept; an order may not. */
export type CacheableScale = Exclude<Scale, 'ordinal'>;

interface Kept {
  readonly score: number;
  readonly grade?: Grade;
  readonly label?: Label;
}

/**
 * Keeps the score of each (query, document) for the next call, and scores each of them once per call. Only right for a reranker whose scores do not depend on the other documents: not for a
 * cascade (cache its stages instead). A store that fails or hangs is as good as an empty one.
 */
export function cached<S extends CacheableScale>(
  reranker: Reranker<S>,
  { store, tenant, identity, ttlMs = 86_400_000, storeTimeoutMs = 100 }: CacheOptions,
): Reranker<S> & { statistics(): CacheStatistics } {
  if (!(Number.isFinite(ttlMs) && ttlMs > 0))
    throw new ResiftError('invalid_config', `Expected \`ttlMs\` to be more than 0 milliseconds, got ${ttlMs}.`);
  if ((reranker.scale as Scale) === 'ordinal')
    throw new ResiftError('invalid_config', `${reranker.id} gives an order, which depends on all documents: it cannot be cached.`);
  let hits = 0;
  let misses = 0;
  let failures = 0;
  const attempt = async <T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await within(storeTimeoutMs, signal, work);
    } catch (error) {
      if (signal?.aborted) throw error;
      failures += 1;
      return undefined;
    }
  };

  const plain = derive<S>({
    id: reranker.id,
    scale: reranker.scale,
    async score(query, _texts, options, documents) {
      const keys = scoreKeys([tenant, reranker.id, ...identity], query, documents);
      const known = await recall(keys, options.signal);
      const cacheHits = keys.filter((key) => known.has(key)).length;
      hits += cacheHits;
      misses += keys.length - cacheHits;

      const missing = [...new Map(keys.map((key, i) => [key, documents[i]!])).entries()].filter(([key]) => !known.has(key));
      const fresh = missing.length === 0 ? undefined : await scoreFresh(reranker, query, missing, documents, keys, options);
      for (const [key, kept] of fresh?.kept ?? []) known.set(key, kept);
      const entries = (fresh?.kept ?? []).map(([key, kept]) => [key, JSON.stringify(kept)] as const);
      if (entries.length > 0) await attempt(options.signal, () => store.setMany(entries, ttlMs));

      const scores = keys.map((key) => known.get(key));
      return {
        values: scores.map((one) => one?.score),
        grades: scores.map((one) => one?.grade),
        labels: scores.map((one) => one?.label),
        usage: fresh?.ranking.usage,
        cacheHits: cacheHits + (fresh?.ranking.status.cacheHits ?? 0),
        status: fresh && statusWith(cacheHits, fresh.ranking),
      };
    },
  });

  async function recall(keys: readonly string[], signal: AbortSignal | undefined): Promise<Map<string, Kept>> {
    const distinct = [...new Set(keys)];
    const found = (await attempt(signal, () => store.getMany(distinct))) ?? [];
    return new Map(distinct.flatMap((key, i) => read(found[i], reranker.scale).map((kept) => [key, kept] as const)));
  }

  return { ...plain, statistics: () => ({ hits, misses, failures, hitRate: hits + misses === 0 ? 0 : hits / (hits + misses) }) };
}

/** A few invalid scores are borne, as a share of all documents: where the missing ones alone have too many, all of them are asked. */
async function scoreFresh(
  reranker: Reranker,
  query: string,
  missing: readonly (readonly [key: string, document: Document])[],
  documents: readonly Document[],
  keys: readonly string[],
  { signal, tokenBudget }: RerankOptions,
): Promise<{ ranking: Ranking; kept: [key: string, kept: Kept][] }> {
  const ask = async (some: readonly Document[], names: readonly string[]) => {
    const ranking = await reranker.rerank(query, some, { signal, tokenBudget });
    const kept = ranking.items.map(({ index, score, grade, label }): [string, Kept] => [
      names[index]!,
      { score, ...(grade !== undefined && { grade }), ...(label !== undefined && { label }) },
    ]);
    return { ranking, kept };
  };
  try {
    return await ask(
      missing.map(([, document]) => document),
      missing.map(([key]) => key),
    );
  } catch (error) {
    const tooFew = isResiftError(error, 'bad_output') && error.details['reason'] === 'invalid_scores' && missing.length < documents.length;
    if (!tooFew) throw error;
    return ask(documents, keys);
  }
}

/** With some scores from the store, a reranker that failed for the rest makes the whole partial. */
function statusWith(cacheHits: number, fresh: Ranking): Partial<RankingStatus> {
  const status = statusOfAll([fresh]);
  return status.status && cacheHits > 0 ? { ...status, status: 'partial' } : status;
}

const LABELS: readonly unknown[] = ['very likely', 'likely', 'unlikely'] satisfies Label[];

/** What comes out of a store is checked like anything from outside: one value, or none. */
function read(value: string | undefined, scale: Scale): [] | [Kept] {
  try {
    const { score, grade, label } = JSON.parse(value ?? 'null') as Record<string, unknown>;
    if (typeof score !== 'number' || !Number.isFinite(score)) return [];
    if (scale === 'probability' && (score < 0 || score > 1)) return [];
    if (grade !== undefined && ![0, 1, 2, 3].includes(grade as number)) return [];
    if (label !== undefined && !LABELS.includes(label)) return [];
    return [{ score, ...(grade !== undefined && { grade: grade as Grade }), ...(label !== undefined && { label: label as Label }) }];
  } catch {
    return []; // not JSON, or nothing
  }
}
