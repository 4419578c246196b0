import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection } from '@lancedb/lancedb';
import { syncEntry, syncFolder } from '../internal/sync-folder.ts';
import { finishSwaps } from './finish-swaps.ts';
import { type DirectoryLock, lockDirectory } from './lock.ts';
import type { ObjectBucket } from './object-bucket.ts';

/** Where the tables of a store lie, and how they are locked, flushed and swapped there. */
export interface LancePlace {
  readonly uri: string;
  readonly storageOptions: Readonly<Record<string, string>>;
  /** A folder on this machine for what can be made from the tables again. */
  readonly folder: string;
  /** Where indexes beside the tables are published, for readers that do not share the folder. */
  readonly bucket?: ObjectBucket | undefined;
  /** Old versions are kept so long, for searches and readers that still use them. */
  readonly keepVersionsMs: number;
  lock(): Promise<DirectoryLock>;
  /** Ends what a crash interrupted. Only for the holder of the lock. */
  recover(database: Connection): Promise<void>;
  /** The collections, by the names of the tables there are. */
  collections(tables: readonly string[]): Promise<readonly string[]>;
  /** The table of a collection now. */
  table(collection: string): Promise<string>;
  /** Makes what was written to a table lasting. */
  flush(table: string): Promise<void>;
  /** What a table is called that a reindexing builds beside. */
  built(collection: string): string;
  /** Puts a table that was built beside in a collection's place, in one step. `letGo` closes the old one. */
  swap(database: Connection, collection: string, built: string, letGo: () => Promise<void>): Promise<void>;
  /** Removes a collection and its table; a removed one never comes back. */
  drop(database: Connection, collection: string): Promise<void>;
}

// No collection name holds two dots in a row.
const NEW = '..new';
const OLD = '..old';

/** A folder of this machine. */
export async function folderPlace(directory: string): Promise<LancePlace> {
  await mkdir(directory, { recursive: true });
  const flushed = new Map<string, Set<string>>();
  const folderOf = (table: string) => join(directory, `${table}.lance`);

  return {
    uri: directory,
    storageOptions: {},
    folder: directory,
    keepVersionsMs: 60_000,
    lock: () => lockDirectory(directory),
    recover: () => finishSwaps(directory, { fresh: NEW, old: OLD }),
    collections: async (tables) => tables.filter((name) => !name.endsWith(NEW) && !name.endsWith(OLD)),
    table: async (collection) => collection,
    built: (collection) => `${collection}${NEW}`,
    async flush(table) {
      const known = flushed.get(table);
      const now = known ?? new Set<string>();
      flushed.set(table, now);
      await syncFolder(folderOf(table), now);
      if (!known) await syncEntry(directory);
    },
    async swap(_, collection, built, letGo) {
      flushed.delete(collection);
      await syncFolder(folderOf(built), new Set());
      await letGo();
      await rename(folderOf(collection), folderOf(`${collection}${OLD}`));
      await rename(folderOf(built), folderOf(collection));
      await syncEntry(directory);
      await rm(folderOf(`${collection}${OLD}`), { recursive: true, force: true });
    },
    async drop(database, collection) {
      flushed.delete(collection);
      await database.dropTable(collection);
      await syncEntry(directory);
    },
  };
}
