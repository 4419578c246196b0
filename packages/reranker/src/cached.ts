import {
  type Document,
  type Grade,
  type Label,
  type Ranking,
  type RankingStatus,
  type Reranker,
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
    async score(query, _texts, { signal, tokenBudget }, documents) {
      const keys = scoreKeys([tenant, reranker.id, ...identity], query, documents);
      const distinct = [...new Set(keys)];
      const found = (await attempt(signal, () => store.getMany(distinct))) ?? [];
      const known = new Map<string, Kept>();
      for (const [i, key] of distinct.entries()) {
        const kept = read(found[i], reranker.scale);
        if (kept) known.set(key, kept);
      }
      const cacheHits = keys.filter((key) => known.has(key)).length;
      hits += cacheHits;
      misses += keys.length - cacheHits;

      const missing = new Map<string, Document>();
      for (const [i, key] of keys.entries()) if (!known.has(key) && !missing.has(key)) missing.set(key, documents[i]!);
      const fresh = missing.size === 0 ? undefined : await reranker.rerank(query, [...missing.values()], { signal, tokenBudget });
      const freshKeys = [...missing.keys()];
      const entries = (fresh?.items ?? []).map(({ index, score, grade, label }) => {
        const kept: Kept = { score, ...(grade !== undefined && { grade }), ...(label !== undefined && { label }) };
        known.set(freshKeys[index]!, kept);
        return [freshKeys[index]!, JSON.stringify(kept)] as const;
      });
      if (entries.length > 0) await attempt(signal, () => store.setMany(entries, ttlMs));

      const kept = keys.map((key) => known.get(key));
      return {
        values: kept.map((one) => one?.score),
        grades: kept.map((one) => one?.grade),
        labels: kept.map((one) => one?.label),
        usage: fresh?.usage,
        cacheHits: cacheHits + (fresh?.status.cacheHits ?? 0),
        status: degradedUnless(cacheHits > 0, fresh),
      };
    },
  });

  return { ...plain, statistics: () => ({ hits, misses, failures, hitRate: hits + misses === 0 ? 0 : hits / (hits + misses) }) };
}

/** With some scores from the store, a reranker that failed for the rest makes the whole partial. */
function degradedUnless(anyHit: boolean, fresh: Ranking | undefined): Partial<RankingStatus> | undefined {
  const status = fresh && statusOfAll([fresh]);
  return status && anyHit ? { ...status, status: 'partial' } : status;
}

const LABELS: readonly unknown[] = ['very likely', 'likely', 'unlikely'] satisfies Label[];

/** What comes out of a store is checked like anything from outside. */
function read(value: string | undefined, scale: Scale): Kept | undefined {
  if (value === undefined) return undefined;
  try {
    const { score, grade, label } = JSON.parse(value) as Record<string, unknown>;
    if (typeof score !== 'number' || !Number.isFinite(score)) return undefined;
    if (scale === 'probability' && (score < 0 || score > 1)) return undefined;
    if (grade !== undefined && ![0, 1, 2, 3].includes(grade as number)) return undefined;
    if (label !== undefined && !LABELS.includes(label)) return undefined;
    return { score, ...(grade !== undefined && { grade: grade as Grade }), ...(label !== undefined && { label: label as Label }) };
  } catch {
    return undefined;
  }
}
