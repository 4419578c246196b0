import { ResiftError, type RetrieveOptions, type TokenEmbedder } from '@resift/core';
import { filterTags } from '../filter.ts';
import { checkRetrieval } from '../internal/check-retrieval.ts';
import { lockDirectory } from '../stores/lock.ts';
import { titleAndText } from './build-plaid.ts';
import { checkEmbedder } from './check-plaid.ts';
import type { Codec } from './codec.ts';
import { currentSnapshot, existingManifest } from './current-snapshot.ts';
import { type Disk, openDisk } from './disk.ts';
import { tokenRows } from './encode-documents.ts';
import { createWriter } from './index-writer.ts';
import { filesOf, removeLeftovers } from './manifest.ts';
import type { PlaidDocument } from './pack-documents.ts';
import type { PlaidFound, PlaidIndex, PlaidStats } from './plaid-index.ts';
import type { Multiply } from './products.ts';
import { searchParts } from './search.ts';
import { effortFor, type IndexExtent, type SearchEffort } from './search-effort.ts';
import { type LoadedPart, loadParts, type Snapshot, verifySnapshot } from './snapshot.ts';

export interface OpenPlaid<D extends PlaidDocument> {
  /** The one that the index was built with; another is refused as `invalid_config`. */
  readonly embedder: TokenEmbedder;
  /** As in `buildPlaid`, for documents that are added. */
  readonly textOf?: ((document: D) => string) | undefined;
  /** More finds more and takes longer. Default: depends on `topK`. */
  readonly effort?: Partial<SearchEffort> | undefined;
  /** A faster matrix product for adding and training. */
  readonly multiply?: Multiply | undefined;
  /** Any number of processes may read; they see the index as it was when they opened it. Default false: one process, which may write. */
  readonly readOnly?: boolean | undefined;
}

/**
 * Opens an index that `buildPlaid` made. Reads little: the centroids now, two bytes a token at the first search, everything else piece by piece when
 * it is needed. Rejects with `not_found` where there is none, `conflict` where another process writes, `corrupt` where a file is not what was written.
 */
export async function openPlaid<D extends PlaidDocument = PlaidDocument>(directory: string, options: OpenPlaid<D>): Promise<PlaidIndex<D>> {
  return openOn(openDisk(directory), options);
}

/** @internal The same on a disk that a test may stop. */
export async function openOn<D extends PlaidDocument>(disk: Disk, options: OpenPlaid<D>): Promise<PlaidIndex<D>> {
  const { embedder, textOf = titleAndText, effort, multiply, readOnly = false } = options;
  const { directory } = disk;
  effortFor(10, { documents: 0, tokens: 0 }, effort);
  await existingManifest(disk); // nothing is locked where there is nothing
  const lock = readOnly ? undefined : await lockDirectory(directory);
  let current: Snapshot;
  try {
    current = await currentSnapshot(disk, (manifest) => checkEmbedder(manifest, embedder, directory));
  } catch (error) {
    await lock?.release();
    throw error;
  }
  if (lock) await removeLeftovers(disk, current.manifest).catch(() => {});
  let closed = false;

  function checkOpen() {
    if (closed) throw new ResiftError('unavailable', `The index in ${directory} is closed: expected it to be open. Open it again.`);
  }
  const writer = createWriter<D>({
    disk,
    embedder,
    textOf,
    multiply,
    current: () => current,
    async replace(next) {
      const before = current;
      current = next;
      await before.release();
    },
    async mayWrite() {
      checkOpen();
      if (lock) return lock.check();
      throw new ResiftError('conflict', `The index in ${directory} was opened for reading: open it without \`readOnly\` to change it.`);
    },
  });

  async function retrieveWithCounts(query: string, asked: RetrieveOptions): Promise<PlaidFound<D>> {
    checkOpen();
    checkRetrieval(query, asked);
    const { topK, filter, signal } = asked;
    const groups = filterTags(filter);
    const { encodings } = await embedder.encode([query], 'query', { signal });
    const rows = tokenRows(embedder, encodings[0]);
    return inSnapshot(async (parts, codec) => {
      const accepts = ({ data }: LoadedPart, slot: number) => {
        const tags = groups.length === 0 ? [] : data.tags(slot);
        return groups.every((group) => group.some((tag) => tags.includes(tag)));
      };
      const request = { query: rows, topK, effort: effortFor(topK, extentOf(parts), effort), accepts, signal };
      const { found, candidates, exact } = await searchParts(parts, codec, request);
      const texts = await Promise.all(found.map(({ part, slot }) => parts[part]!.data.text(slot)));
      const results = found.map(({ score }, i) => ({ document: JSON.parse(new TextDecoder().decode(texts[i])) as D, score }));
      return { results, candidates, exact };
    });
  }

  /** The index as it is now stays as it is, and open, until the work is done. */
  async function inSnapshot<T>(work: (parts: readonly LoadedPart[], codec: Codec) => Promise<T>): Promise<T> {
    checkOpen();
    const snapshot = current;
    snapshot.hold();
    try {
      return await work(await loadParts(snapshot), snapshot.codec);
    } finally {
      await snapshot.release();
    }
  }

  async function close() {
    if (closed) return;
    await writer.idle();
    if (closed) return;
    closed = true;
    await current.release();
    await lock?.release();
  }

  return {
    id: `plaid:${embedder.id}`,
    retrieveWithCounts,
    retrieve: async (query, asked) => (await retrieveWithCounts(query, asked)).results,
    find: (query, { topK, accepts = () => true, signal }) =>
      inSnapshot(async (parts, codec) => {
        const request = { query, topK, effort: effortFor(topK, extentOf(parts), effort), signal };
        const { found } = await searchParts(parts, codec, { ...request, accepts: ({ data }, slot) => accepts(data.ids[slot]!) });
        return found.map(({ part, slot, score }) => ({ id: parts[part]!.data.ids[slot]!, score }));
      }),
    ids: () => inSnapshot(async (parts) => parts.flatMap(({ data, deleted }) => data.ids.filter((_, slot) => !deleted.has(slot)))),
    add: writer.add,
    remove: writer.remove,
    merge: writer.merge,
    retrain: writer.retrain,
    async verify() {
      checkOpen();
      await verifySnapshot(disk, current);
    },
    stats: () => statsOf(current),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function extentOf(parts: readonly LoadedPart[]): IndexExtent {
  let [documents, tokens] = [0, 0];
  for (const { data } of parts) {
    documents += data.ids.length;
    tokens += data.codes.length;
  }
  return { documents, tokens };
}

function statsOf({ manifest }: Snapshot): PlaidStats {
  const { segments, trained, codec, bits, generation } = manifest;
  const sum = (numbers: readonly number[]) => numbers.reduce((total, value) => total + value, 0);
  const deleted = sum(segments.map((segment) => segment.deleted?.documents ?? 0));
  const tokens = sum(segments.map((segment) => segment.tokens));
  return {
    documents: sum(segments.map(({ documents }) => documents)) - deleted,
    tokens,
    deleted,
    segments: segments.length,
    centroids: codec.centroids,
    bits,
    bytes: sum(filesOf(manifest).map(({ bytes }) => bytes)),
    generation,
    outgrown: tokens > 4 * trained.tokens,
  };
}
