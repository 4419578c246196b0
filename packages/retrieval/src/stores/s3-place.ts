import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { Connection } from '@lancedb/lancedb';
import { ResiftError } from '@resift/core';
import { lockBucket } from './bucket-lock.ts';
import type { LancePlace } from './lance-place.ts';
import type { ObjectBucket } from './object-bucket.ts';
import { lanceStorage, placeOf, type S3Settings, s3Bucket } from './s3-bucket.ts';

export interface S3PlaceOptions extends S3Settings {
  /** A folder on this machine for what can be made from the tables again (indexes of late interaction). */
  readonly folder: string;
}

/** Tables of collections whose table is not named after them, because it was built beside an older one. */
type Renamed = Readonly<Record<string, string>>;

const KEY = 'resift.tables';

/**
 * A prefix of an S3-compatible bucket. There is no renaming of a table there, so the object `resift.tables` says which table is whose: writing it is the one step of a swap.
 */
export async function s3Place(options: S3PlaceOptions): Promise<LancePlace> {
  const { bucket: name, prefix } = placeOf(options.url);
  const bucket = await s3Bucket(options);
  await mkdir(options.folder, { recursive: true });
  const renamed = async (): Promise<Renamed> => namesIn((await bucket.get(KEY))?.text);

  return {
    uri: `s3://${name}/${prefix}`.replace(/\/$/, ''),
    storageOptions: lanceStorage(options),
    folder: options.folder,
    bucket,
    // Readers on other machines may need a while to open the new version.
    keepVersionsMs: 600_000,
    lock: () => lockBucket(bucket, options.url),
    async recover(database) {
      const names = await renamed();
      const used = new Set(Object.values(names));
      for (const table of await database.tableNames({ limit: 100_000 })) {
        const left = table.includes('..') ? !used.has(table) : table in names;
        if (left) await database.dropTable(table);
      }
    },
    async collections(tables) {
      return [...new Set([...tables.filter((table) => !table.includes('..')), ...Object.keys(await renamed())])];
    },
    async table(collection) {
      const names = await renamed();
      return Object.hasOwn(names, collection) ? names[collection]! : collection;
    },
    built: (collection) => `${collection}..${randomUUID().slice(0, 8)}`,
    // An object is lasting once it was written.
    flush: async () => {},
    async swap(database, collection, built, letGo) {
      const before = await renamed();
      await letGo();
      await change(bucket, { ...before, [collection]: built });
      await dropped(database, [before[collection], collection]);
    },
    async drop(database, collection) {
      const { [collection]: table, ...rest } = await renamed();
      // What was swapped out may still be there, and would be found again once the name points nowhere else.
      await dropped(database, [collection]);
      if (table === undefined) return;
      await change(bucket, rest);
      await dropped(database, [table]);
    },
  };
}

async function dropped(database: Connection, tables: readonly (string | undefined)[]) {
  const there = new Set(await database.tableNames({ limit: 100_000 }));
  for (const table of tables) if (table !== undefined && there.has(table)) await database.dropTable(table);
}

/** Only the holder of the lock changes it; the condition says so if it is not. */
async function change(bucket: ObjectBucket, names: Renamed) {
  const now = await bucket.get(KEY);
  if ((await bucket.put(KEY, JSON.stringify(names), now?.tag)) !== undefined) return;
  throw new ResiftError('conflict', `Another process changed ${KEY}: expected to be the only writer.`);
}

function namesIn(text: string | undefined): Renamed {
  if (text === undefined) return {};
  try {
    const names: unknown = JSON.parse(text);
    if (typeof names === 'object' && names !== null && Object.values(names).every((table) => typeof table === 'string'))
      return names as Renamed;
  } catch {
    // said below
  }
  throw new ResiftError('corrupt', `The object ${KEY} is not what resift wrote: expected names of tables.`, { details: { object: KEY } });
}
