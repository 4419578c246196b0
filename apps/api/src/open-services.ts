import { isResiftError, ResiftError } from '@resift/core';
import { openaiCompatible } from '@resift/models/openai-compatible';
import { chatGenerator, extractive } from '@resift/rag';
import type { KeyValue } from '@resift/reranker/key-value';
import type { Store } from '@resift/retrieval/stores/store';
import {
  type CrossEncoderReranker,
  folderReranker,
  type Models,
  type OpenRerankerOptions,
  openModels,
  openPreset,
  PRESETS,
  type PresetName,
  type RerankerSize,
} from 'resift';
import type { Config } from './config.ts';
import { openStore, reachStores } from './open-store.ts';
import type { NamedReranker, OverStored, Preset, Rankers, Readiness, Services } from './services.ts';

const SIZES: readonly RerankerSize[] = ['mini', 'tiny', 'cascade'];
const NAMES = Object.keys(PRESETS) as PresetName[];
/** Candidates scored at a time where a deadline may cut in: about a batch. */
const SLICE = 32;

/** The real thing: the embedded models, and a store for each tenant. With `scores`, those of each tenant are kept there. Rejects where a file is damaged or a folder is taken. */
export async function openServices(config: Config, scores?: KeyValue): Promise<Services> {
  const models = await openModels({ workers: config.workers });
  const stores = new Map<string, Store>();
  let own: CrossEncoderReranker | undefined;
  const close = async () => {
    for (const store of stores.values()) await store.close();
    await own?.close();
    await models.close();
  };
  try {
    if (config.reranker) own = await folderReranker(config.reranker.folder, { id: config.reranker.name, workers: config.workers });
    const extra: readonly (readonly [string, NamedReranker])[] =
      own && config.reranker ? [[config.reranker.name, { reranker: own, raw: own.raw }]] : [];
    const [embedder, tokenEmbedder, reader, ground, { rerankers, presets }] = await Promise.all([
      models.embedder(),
      config.tokenVectors ? models.tokenEmbedder() : undefined,
      models.reader(),
      // A folder of models need not have one; then answers come without `groundedness`.
      models.groundedness().catch(unlessMissing),
      openRankers(models, extra),
    ]);
    // All of them now, so that a folder that is taken or damaged stops the start and not somebody's request.
    for (const tenant of tenants(config)) {
      stores.set(tenant, await openStore(config, tenant, { embedder, tokenEmbedder, tokenizer: models.tokenizer }));
    }

    const ofTenants = new Map<string, Rankers>();
    for (const tenant of scores ? tenants(config) : []) ofTenants.set(tenant, await openRankers(models, extra, { store: scores!, tenant }));

    let warm: Readiness['parts'][string] = { status: 'loading' };
    return {
      async store(tenant) {
        const store = stores.get(tenant);
        if (!store) throw new ResiftError('unavailable', 'The store of this tenant is not open.');
        return store;
      },
      rerankers,
      presets,
      ...(scores && { rankers: (tenant: string) => ofTenants.get(tenant) ?? { rerankers, presets } }),
      extractive: extractive(reader),
      chat: config.chat && chatGenerator(openaiCompatible(config.chat)),
      tokenizer: models.tokenizer,
      ground,
      async warm() {
        try {
          await embedder.embed(['warm'], 'query');
          for (const { reranker } of rerankers.values()) await reranker.rerank('warm', [{ id: '0', text: 'warm' }]);
          await reader.read('warm?', ['warm']);
          await ground?.check('warm', ['warm']);
          warm = { status: 'ready', id: embedder.id };
        } catch (error) {
          warm = { status: 'failed', reason: isResiftError(error) ? error.code : 'internal' };
          throw error;
        }
      },
      async readiness() {
        const store = await reachable(config, stores);
        return { ready: warm.status === 'ready' && store.status === 'ready', parts: { models: warm, store } };
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const tenants = ({ keys }: Config) => (keys.length === 0 ? ['default'] : [...new Set(keys.map(({ tenant }) => tenant))]);

function unlessMissing(error: unknown): undefined {
  if (!isResiftError(error, 'not_found')) throw error;
}

type Scores = OpenRerankerOptions['scores'];

async function openRankers(models: Models, extra: readonly (readonly [string, NamedReranker])[], scores?: Scores): Promise<Rankers> {
  const stored = await models.storedReranker();
  const [rerankers, presets] = await Promise.all([openRerankers(models, stored, scores), openPresets(models, stored, scores)]);
  return { rerankers: new Map([...rerankers, ...extra]), presets };
}

async function openRerankers(models: Models, stored: OverStored, scores: Scores): Promise<ReadonlyMap<string, NamedReranker>> {
  const opened = await Promise.all(
    SIZES.map(async (size) => {
      const reranker = await models.reranker(size, { scores });
      const named: NamedReranker =
        size === 'cascade' ? { reranker } : { reranker, raw: await models.rawReranker(size), ...(size === 'mini' && { stored }) };
      return [`resift-${size}`, named] as const;
    }),
  );
  return new Map(opened);
}

async function openPresets(models: Models, stored: OverStored, scores: Scores): Promise<ReadonlyMap<string, Preset>> {
  const opened = await Promise.all(
    NAMES.map(async (name) => {
      // A cascade keeps the best of all it was given, so it cannot be cut into slices.
      const slice = PRESETS[name].size === 'cascade' ? undefined : SLICE;
      return [name, { ...(await openPreset(models, name, { scores })), stored, slice }] as const;
    }),
  );
  return new Map<string, Preset>(opened);
}

async function reachable(config: Config, stores: ReadonlyMap<string, Store>): Promise<Readiness['parts'][string]> {
  try {
    await reachStores(config, stores);
    return { status: 'ready' };
  } catch {
    return { status: 'failed', reason: 'unreachable' };
  }
}
