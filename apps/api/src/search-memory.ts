import { createHash } from 'node:crypto';
import type { Filter } from '@resift/core';
import type { SearchMemory } from '@resift/rag';
import type { Store } from '@resift/retrieval/stores/store';
import type { Context } from 'hono';
import type { AppEnv } from './app-env.ts';
import type { SearchCache } from './search-cache.ts';

interface Searched {
  readonly collection: string;
  /** What finds and orders: ids of models and their settings. */
  readonly models: readonly unknown[];
  /** Whether nothing went wrong that the outcome does not tell of. */
  readonly whole: () => boolean;
}

/**
 * The searches of this tenant that are still true. The version of the collection is asked for before the search begins, so what a write changes meanwhile is kept under a
 * name that nobody asks for again. Shown in the header `Search-Cache` and in `search_cache_total`.
 */
export function searchMemory(c: Context<AppEnv>, cache: SearchCache, store: Store, searched: Searched): SearchMemory {
  const { tenant, metrics } = c.var;
  const report = (result: 'hit' | 'miss' | 'off') => {
    metrics.searches.inc({ result });
    if (result !== 'off') c.header('search-cache', result);
    if (result === 'hit') c.set('recalled', true);
  };

  return {
    async recall({ query, candidates, reranked, filter }) {
      // A store that does not answer fails the search itself, with its own error.
      const version = cache.on ? await store.version(searched.collection).catch(() => undefined) : undefined;
      if (version === undefined) {
        report('off');
        return { keep() {} };
      }
      const depends = [tenant, searched.collection, version, searched.models, candidates, reranked, sorted(filter), query.normalize('NFC')];
      const key = createHash('sha256')
        .update(JSON.stringify(depends.map((part) => part ?? null)))
        .digest('base64');
      const known = cache.get(key);
      report(known ? 'hit' : 'miss');
      return {
        known,
        keep(outcome) {
          if (searched.whole()) cache.set(key, outcome);
        },
      };
    },
  };
}

/** The same filter is the same in whatever order its fields come. */
function sorted(filter: Filter | undefined): readonly (readonly [string, unknown])[] {
  return Object.entries(filter ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}
