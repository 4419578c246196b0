import {
  type Document,
  isResiftError,
  type Passage,
  type Reranker,
  type RerankOptions,
  ResiftError,
  type RetrieveOptions,
} from '@resift/core';
import type { RerankInfo, SearchParts } from '@resift/rag';
import { withDeadline } from '@resift/reranker/deadline';
import { type HybridRetriever, hybrid } from '@resift/retrieval/hybrid';
import type { Store } from '@resift/retrieval/stores/store';
import type { Context } from 'hono';
import { storedFirst } from 'resift';
import type { AppEnv } from './app-env.ts';
import type { AppParts } from './app-parts.ts';
import { named } from './named.ts';
import { searchMemory } from './search-memory.ts';
import type { OverStored, Rankers } from './services.ts';

/** How a request wants its passages found and ordered. */
export interface PipelineChoice {
  readonly collection: string;
  readonly retriever: 'hybrid' | 'bm25' | 'dense' | 'late';
  readonly candidates: number;
  /** `true`: the preset's reranker; a name: that one, within the preset's budget. */
  readonly rerank: boolean | string;
  readonly preset?: string | undefined;
}

/** The parts of one request's pipeline: this tenant's passages, the chosen reranker behind the admission queue. */
export async function searchParts(c: Context<AppEnv>, parts: AppParts, choice: PipelineChoice): Promise<SearchParts> {
  const { services, config, rates } = parts;
  // Names are checked before anything is opened or counted.
  const { presets, rerankers } = services.rankers?.(c.var.tenant) ?? services;
  const preset = named(presets, choice.preset ?? config.preset, { kind: 'preset', field: 'preset' });
  const { reranker, stored } = rerankerOf(rerankers, choice.rerank, preset);
  const slice = choice.rerank === true ? preset.slice : undefined;
  const store = await services.store(c.var.tenant);
  const retriever = inTurn(parts, retrieverOf(store, choice));
  if (reranker) await rates.take(c.var.tenant, 'pairs', choice.candidates);
  const lookup = { failed: false };
  const ranked = reranker && overStore(c, store, choice, stored, scheduled(parts, reranker, preset.budgetMs, slice), lookup);
  const models = [retriever.id, ranked?.id, slice, preset.budgetMs];
  return {
    retriever,
    ...(ranked && { reranker: ranked }),
    tokenizer: services.tokenizer,
    limits: { candidates: choice.candidates, rerankBudgetMs: preset.budgetMs },
    memory: searchMemory(c, parts.searches, store, { collection: choice.collection, models, whole: () => !lookup.failed }),
  };
}

function rerankerOf(rerankers: Rankers['rerankers'], rerank: boolean | string, preset: Ranker): Partial<Ranker> {
  if (rerank === false) return {};
  return rerank === true ? preset : named(rerankers, rerank, { kind: 'reranker', field: 'rerank' });
}

interface Ranker {
  readonly reranker: Reranker;
  readonly stored?: OverStored | undefined;
}

/** Candidates whose encodings the store keeps are scored from those at once, before any queue: it takes milliseconds and no model but the query's pass. */
function overStore(
  { var: { log } }: Context<AppEnv>,
  store: Store,
  { collection }: PipelineChoice,
  stored: OverStored | undefined,
  otherwise: Reranker,
  lookup: { failed: boolean },
): Reranker {
  if (!stored || !store.encodings || !isProbability(otherwise)) return otherwise;
  return storedFirst({
    lookup: (documents, options) => store.encodings!(collection, documents, options),
    stored,
    otherwise,
    onFailure: (error) => {
      lookup.failed = true;
      log.warn({ code: isResiftError(error) ? error.code : 'internal' }, 'kept token vectors could not be read');
    },
  });
}

const isProbability = (reranker: Reranker): reranker is Reranker<'probability'> => reranker.scale === 'probability';

/** More searches at once than can be answered in time are turned away before they cost anything. */
function inTurn({ searching, config }: AppParts, retriever: HybridRetriever<Passage>): HybridRetriever<Passage> {
  const turn = <T>({ signal }: RetrieveOptions, work: () => Promise<T>) =>
    searching.run(1, { waitMs: config.limits.queueMs, signal }, work);
  return {
    id: retriever.id,
    retrieve: (query, options) => turn(options, () => retriever.retrieve(query, options)),
    retrieveWithStatus: (query, options) => turn(options, () => retriever.retrieveWithStatus(query, options)),
  };
}

function retrieverOf(store: Store, { collection, retriever }: PipelineChoice): HybridRetriever<Passage> {
  if (retriever === 'late') {
    if (store.late) return hybrid({ late: store.late(collection) });
    throw new ResiftError(
      'invalid_input',
      'retriever: this server keeps no late-interaction index (it needs LanceDB and RESIFT_TOKEN_VECTORS=on). Expected hybrid, bm25 or dense.',
      { details: { field: 'retriever' } },
    );
  }
  const leg = (name: 'bm25' | 'dense') => store.retriever(collection, name);
  return hybrid(retriever === 'hybrid' ? { bm25: leg('bm25'), dense: leg('dense') } : { [retriever]: leg(retriever) });
}

/** One deadline for the wait in the queue and the work after it; too long a wait is known at once and not begun. */
function scheduled({ admission }: AppParts, reranker: Reranker, budgetMs: number, slice: number | undefined): Reranker {
  return {
    id: reranker.id,
    scale: reranker.scale,
    rerank: <D extends Document>(query: string, documents: readonly D[], options: RerankOptions = {}) =>
      admission.run(documents.length, { waitMs: budgetMs, signal: options.signal }, (waitedMs) =>
        withDeadline(reranker, Math.max(1, budgetMs - waitedMs), { slice }).rerank(query, documents, options),
      ),
  };
}

/** Tells what became of reranking where every client and the operator can see it. */
export function reportRerank(c: Context<AppEnv>, { status, reason, scored, cacheHits }: RerankInfo): void {
  c.header('rerank-status', reason === undefined ? status : `${status}; reason=${reason}`);
  const { metrics } = c.var;
  metrics.reranks.inc({ status, reason: reason ?? '' });
  const fromCache = c.var.recalled ? scored : cacheHits;
  metrics.pairs.inc({ source: 'model' }, Math.max(0, scored - fromCache));
  metrics.pairs.inc({ source: 'cache' }, fromCache);
}
