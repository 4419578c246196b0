import type { Connection } from '@lancedb/lancedb';
import { ResiftError } from '@resift/core';
import type { CollectionSettings, LanceCollection } from './lance-collection.ts';
import type { lanceDriver } from './lance-driver.ts';
import { storeErrors } from './lance-errors.ts';
import type { LancePlace } from './lance-place.ts';

export interface OpenCollectionsOptions {
  readonly driver: Awaited<ReturnType<typeof lanceDriver>>;
  readonly database: Connection;
  readonly place: LancePlace;
  readonly settings: CollectionSettings;
  /** Somebody else writes: see after so long whether a collection is of a newer version. */
  readonly followMs?: number | undefined;
  /** A newer version is served from now on. */
  readonly onNewer: (name: string) => void;
}

/** The collections of a store that are open: what is in memory of each is made from one version of its table. */
export interface OpenCollections {
  names(): Promise<string[]>;
  /** Rejects with `not_found`. Opening reads all words once; everybody who waits for the same collection shares it. */
  existing(name: string): Promise<LanceCollection>;
  /** Makes it where there is none. */
  created(name: string): Promise<LanceCollection>;
  /** The next who asks opens it anew. */
  forget(name: string): void;
  /** The same, and what was open is closed. */
  letGo(name: string): Promise<void>;
  close(): Promise<void>;
}

export function openCollections({ driver, database, place, settings, followMs, onNewer }: OpenCollectionsOptions): OpenCollections {
  const open = new Map<string, Promise<LanceCollection>>();
  const looked = new Map<string, { at: number; looking?: Promise<void>; loading?: boolean }>();

  const names = async () => [...(await place.collections(await database.tableNames({ limit: 100_000 })))].sort();
  const there = async (name: string) => open.has(name) || (await names()).includes(name);
  const load = async (name: string) => driver.openCollection(database, name, settings, await place.table(name));

  function opened(name: string): Promise<LanceCollection> {
    let collection = open.get(name);
    if (!collection) {
      collection = load(name).catch((error: unknown) => {
        open.delete(name);
        throw error;
      });
      open.set(name, collection);
      looked.set(name, { at: performance.now() });
    }
    return collection;
  }

  /** Looks for a newer version where it is time to, and takes it up beside the searches: those go on over the old one until all of the new one is read. */
  async function follow(name: string, everyMs: number): Promise<void> {
    const known = open.get(name);
    const state = looked.get(name);
    if (!known || !state || performance.now() - state.at < everyMs || state.loading) return;
    state.looking ??= look(name, known, state).finally(() => {
      state.at = performance.now();
      delete state.looking;
    });
    await state.looking;
  }

  async function look(name: string, known: Promise<LanceCollection>, state: { loading?: boolean }) {
    const { table, version } = await known;
    const newest = await newestOf(name);
    if (newest?.table === table && newest.version === version) return;
    if (!newest) {
      open.delete(name);
      return onNewer(name);
    }
    state.loading = true;
    load(name)
      .then((fresh) => {
        open.set(name, Promise.resolve(fresh));
        onNewer(name);
      })
      .catch(() => {}) // tried again at the next look
      .finally(() => {
        state.loading = false;
      });
  }

  async function newestOf(name: string) {
    if (!(await names()).includes(name)) return undefined;
    const name_ = await place.table(name);
    const table = await database.openTable(name_);
    try {
      return { table: name_, version: await table.version() };
    } finally {
      table.close();
    }
  }

  return {
    names,
    async existing(name) {
      if (followMs !== undefined) await storeErrors(follow(name, followMs), name);
      if (!(await there(name))) {
        throw new ResiftError('not_found', `There is no collection ${JSON.stringify(name)}.`, { details: { collection: name } });
      }
      return storeErrors(opened(name), name);
    },
    async created(name) {
      if (!(await there(name))) {
        const { embedder, tokenEmbedder } = settings;
        (await driver.createTable(database, name, driver.tableSchema(embedder.dimensions, embedder.id, tokenEmbedder?.id))).close();
        await place.flush(name);
      }
      return opened(name);
    },
    forget: (name) => void open.delete(name),
    async letGo(name) {
      const collection = open.get(name);
      open.delete(name);
      await collection?.then((found) => found.close()).catch(() => {});
    },
    async close() {
      for (const collection of open.values()) await collection.then((found) => found.close()).catch(() => {});
    },
  };
}
