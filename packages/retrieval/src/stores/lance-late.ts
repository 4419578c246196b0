import { join } from 'node:path';
import { ResiftError, type TokenEmbedder, type Tokenizer } from '@resift/core';
import { fetchPublished } from '../late/fetch-published.ts';
import { openFollowedDisk } from '../late/followed-disk.ts';
import { type FollowedFolder, followedFolder, writersFolder } from '../late/followed-folder.ts';
import { openLateDisk } from '../late/late-disk.ts';
import { createLateLegs, type LateLegs } from '../late/late-legs.ts';
import type { LateSource } from '../late/late-source.ts';
import { createPublisher } from '../late/publisher.ts';
import { type EncodingMemory, keptEncodings } from './kept-encodings.ts';
import type { LanceCollection } from './lance-collection.ts';
import type { LancePlace } from './lance-place.ts';
import type { DirectoryLock } from './lock.ts';
import { readerFolder } from './reader-folder.ts';

export interface LanceLate {
  readonly embedder: TokenEmbedder;
  readonly tokenizer: Tokenizer;
  readonly place: LancePlace;
  /** Undefined for a reader. */
  readonly lock: DirectoryLock | undefined;
  readonly indexFrom: number;
  /** How often a reader looks for a newer index. */
  readonly followMs: number;
  readonly memory: EncodingMemory;
  /** The open collection of this name. */
  readonly collection: (name: string) => Promise<LanceCollection>;
  readonly names: () => Promise<readonly string[]>;
  /** A reader serves something newer from now on. */
  readonly onRenewed: (name: string) => void;
}

/** Token vectors in memory for late interaction, over all collections. */
const MOST_BYTES = 256 * 2 ** 20;

/** Late interaction over LanceDB tables. The index of a collection is a folder `name.plaid`; its writer publishes it in the bucket where there is one, and readers follow that. */
export async function lanceLate(options: LanceLate): Promise<LateLegs> {
  return options.lock ? writersLate(options, options.lock) : readersLate(options);
}

async function writersLate(options: LanceLate, lock: DirectoryLock): Promise<LateLegs> {
  const { embedder, place, indexFrom, collection, names } = options;
  const { bucket } = place;
  const publisher = bucket && createPublisher({ bucket, mayPublish: () => lock.check(), keepMs: place.keepVersionsMs });
  const legs = createLateLegs({
    ...settingsOf(options),
    disk(name) {
      const directory = indexFolder(place.folder, name);
      const { packed } = sourceOf(options, name);
      return openLateDisk({
        directory,
        embedder,
        packed,
        onChange: () => publisher?.publish(name, directory),
        fetch: bucket && ((signal) => fetchPublished({ bucket, collection: name, directory, embedder, signal })),
      });
    },
  });
  if (!publisher) return legs;

  /** Readers cannot make the index of a large collection: it must be there before anybody asks this process. */
  async function wake(name: string) {
    if ((await collection(name)).chunks >= indexFrom) legs.wake(name);
  }
  async function wakeAll() {
    const there = await names();
    await publisher!.keepOnly(there).catch(() => {}); // the next start tries again
    for (const name of there) await wake(name);
  }
  const waking = wakeAll().catch(() => {});
  return {
    ...legs,
    put(name, documents) {
      legs.put(name, documents);
      wake(name).catch(() => {});
    },
    async forget(name) {
      await legs.forget(name);
      wake(name).catch(() => {});
    },
    async drop(name) {
      await legs.drop(name);
      await publisher.withdraw(name).catch(() => {}); // the next start tries again
    },
    async close() {
      await waking;
      await legs.close();
      await publisher.close();
    },
  };
}

async function readersLate(options: LanceLate): Promise<LateLegs> {
  const { embedder, place, followMs, onRenewed } = options;
  const { bucket } = place;
  const own = bucket && (await readerFolder(place.folder));
  const folders = new Map<string, FollowedFolder>();
  function folderOf(name: string): FollowedFolder {
    const known = folders.get(name);
    if (known) return known;
    const directory = indexFolder(own?.directory ?? place.folder, name);
    const folder = bucket ? followedFolder({ bucket, collection: name, directory, embedder }, followMs) : writersFolder(directory);
    folders.set(name, folder);
    return folder;
  }
  const legs = createLateLegs({
    ...settingsOf(options),
    disk: (name) => openFollowedDisk(folderOf(name), embedder, () => legs.renew(name)),
    onRenewed,
  });
  return {
    ...legs,
    async close() {
      await legs.close();
      await own?.release();
    },
  };
}

const indexFolder = (folder: string, name: string) => join(folder, `${name}.plaid`);

function settingsOf(options: LanceLate) {
  const { embedder, tokenizer, indexFrom } = options;
  return { embedder, tokenizer, indexFrom, mostBytes: MOST_BYTES, source: (name: string) => sourceOf(options, name) };
}

function sourceOf({ collection, memory }: LanceLate, name: string): LateSource {
  const packed = async (ids: readonly string[]) => (await collection(name)).packed(ids);
  return {
    async *scan() {
      const { tokenVectors, scan } = await collection(name);
      if (tokenVectors !== 'kept') throw notKept(name, tokenVectors === 'other model');
      yield* scan();
    },
    passagesOf: async (ids, filter) => (await collection(name)).passagesOf(ids, filter),
    packed,
    encodings: keptEncodings(packed, memory),
  };
}

function notKept(collection: string, otherModel: boolean): ResiftError {
  return new ResiftError(
    'invalid_config',
    `Collection ${JSON.stringify(collection)} has no token vectors of the model in use. Run \`resift reindex ${collection}\`.`,
    { details: { reason: otherModel ? 'embedder_mismatch' : 'token_vectors_missing', collection } },
  );
}
