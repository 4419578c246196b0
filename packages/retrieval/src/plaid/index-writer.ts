import type { TokenEmbedder } from '@resift/core';
import { createTurns } from '../internal/turns.ts';
import { changeIndex } from './change-index.ts';
import { checkPlaidDocuments } from './check-plaid.ts';
import type { Disk } from './disk.ts';
import { encodeDocuments } from './encode-documents.ts';
import { type MakeIndex, makeIndex } from './make-index.ts';
import { commitManifest, freshGeneration, type Manifest, removeLeftovers } from './manifest.ts';
import { nearestCentroid } from './nearest.ts';
import { type PlaidDocument, packDocuments } from './pack-documents.ts';
import type { ChangeOptions, PlaidIndex } from './plaid-index.ts';
import type { Multiply } from './products.ts';
import { liveDocuments, openSnapshot, type Snapshot } from './snapshot.ts';

export interface WriterOptions<D extends PlaidDocument> {
  readonly disk: Disk;
  readonly embedder: TokenEmbedder;
  readonly textOf: (document: D) => string;
  readonly multiply: Multiply | undefined;
  readonly current: () => Snapshot;
  /** The next searches see this one. */
  readonly replace: (next: Snapshot) => Promise<void>;
  /** Rejects where this process may not write. */
  readonly mayWrite: () => Promise<void>;
}

export interface IndexWriter<D extends PlaidDocument> extends Pick<PlaidIndex<D>, 'add' | 'remove' | 'merge' | 'retrain'> {
  /** Resolves when every change that was asked for has ended. */
  idle(): Promise<void>;
}

/** Fewer, and the whole is trained again when it has grown this much. */
const SMALL = 1_000;
const GROWTH = 4;

/** Changes an index, one change after another. */
export function createWriter<D extends PlaidDocument>(options: WriterOptions<D>): IndexWriter<D> {
  const { disk, embedder, textOf, multiply, current, replace, mayWrite } = options;
  const turns = createTurns();

  const inTurn = <T>(signal: AbortSignal | undefined, work: (now: Snapshot) => Promise<T>): Promise<T> =>
    turns(async () => {
      signal?.throwIfAborted();
      await mayWrite();
      return work(current());
    });

  /** Everything is opened before the commit, so that what is committed is also served. */
  async function commit(manifest: Manifest, signal: AbortSignal | undefined) {
    signal?.throwIfAborted();
    const next = await openSnapshot(disk, manifest, current());
    try {
      await mayWrite();
      await commitManifest(disk, manifest);
    } catch (error) {
      await next.release();
      throw error;
    }
    await replace(next);
    await removeLeftovers(disk, manifest).catch(() => {}); // the next change tries again
  }

  async function makeAgain(now: Snapshot, added: readonly D[], { signal, onProgress }: ChangeOptions) {
    const { bits, refined: refine = false, seed, mostCentroids } = now.manifest;
    const ids = new Set(added.map(({ id }) => id));
    const kept = (await liveDocuments<D>(now, signal)).filter(({ id }) => !ids.has(id));
    const settings: MakeIndex<D> = { embedder, textOf, bits, refine, seed, mostCentroids, multiply, signal, onProgress };
    await commit(await makeIndex(disk, await freshGeneration(disk, now.manifest), [...kept, ...added], settings), signal);
  }

  return {
    async add(documents, change = {}) {
      checkPlaidDocuments(documents);
      const { signal, onProgress } = change;
      await inTurn(signal, async (now) => {
        if (documents.length === 0) return;
        if (hasOutgrown(now.manifest, documents.length)) return makeAgain(now, documents, change);
        const nearest = await nearestCentroid(now.codec.centroids, now.codec.size, { multiply, signal });
        const encoded = encodeDocuments(documents, { embedder, textOf, signal });
        const { manifest } = await changeIndex(disk, now, {
          remove: new Set(documents.map(({ id }) => id)),
          add: packDocuments(encoded, now.codec, nearest),
          signal,
          onAdded: (done) => onProgress?.({ stage: 'write', done, total: documents.length }),
        });
        await commit(manifest, signal);
      });
    },
    remove: (ids, { signal } = {}) =>
      inTurn(signal, async (now) => {
        const { manifest, removed } = await changeIndex(disk, now, { remove: new Set(ids), signal });
        if (removed > 0) await commit(manifest, signal);
        return removed;
      }),
    merge: ({ signal } = {}) =>
      inTurn(signal, async (now) => commit((await changeIndex(disk, now, { merge: true, signal })).manifest, signal)),
    retrain: (change = {}) => inTurn(change.signal, (now) => makeAgain(now, [], change)),
    idle: () => turns(async () => {}),
  };
}

function hasOutgrown({ trained, segments }: Manifest, added: number): boolean {
  const documents = segments.reduce((sum, { documents, deleted }) => sum + documents - (deleted?.documents ?? 0), added);
  return trained.documents < SMALL && documents > GROWTH * trained.documents;
}
