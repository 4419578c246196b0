import { ResiftError } from '@resift/core';
import { openCurrent } from '../plaid/current-snapshot.ts';
import { type Disk, type FileEntry, type FileReader, openDisk, openFiles } from '../plaid/disk.ts';
import { filesOf, manifestText, readManifest } from '../plaid/manifest.ts';
import type { ObjectBucket } from '../stores/object-bucket.ts';
import { manifestKey, PART_BYTES, publishedParts, publishedPrefix } from './published-parts.ts';

export interface Publication {
  readonly bucket: ObjectBucket;
  readonly collection: string;
  /** Where the index is. It may be changed meanwhile. */
  readonly directory: string;
  /** Rejects where this process is not the writer any more. */
  readonly mayPublish: () => Promise<void>;
  readonly signal: AbortSignal;
  /** Of one object; readers must use the same. Default 8 MiB. */
  readonly partBytes?: number | undefined;
}

/**
 * Publishes the index of a folder: what the bucket lacks is written beside what is there, then one object is swapped; whenever it ends before that, the index published
 * before is whole. Gives back the keys that the new one does not need; undefined where there was nothing to publish.
 */
export async function publishIndex(publication: Publication): Promise<string[] | undefined> {
  const { bucket, collection, directory, mayPublish, signal, partBytes = PART_BYTES } = publication;
  const index = await pinned(openDisk(directory));
  if (!index) return undefined;
  try {
    const before = await bucket.get(manifestKey(collection));
    if (before?.text === index.text) return undefined;
    const there = await bucket.list(publishedPrefix(collection));
    const named = new Set([manifestKey(collection)]);
    for (const { entry, file } of index.files) {
      const parts = publishedParts(collection, entry, partBytes);
      const missing = parts.filter(({ key, bytes }) => there.get(key) !== bytes);
      if (missing.length > 0) await file.verify();
      for (const { key, offset, bytes } of missing) {
        signal.throwIfAborted();
        await bucket.write(key, await file.read(offset, bytes));
      }
      for (const { key } of parts) named.add(key);
    }
    await mayPublish();
    signal.throwIfAborted();
    if ((await bucket.put(manifestKey(collection), index.text, before?.tag)) === undefined) {
      throw new ResiftError('conflict', `Another process published an index of ${collection}: expected to be the only writer.`);
    }
    return [...there.keys()].filter((key) => !named.has(key));
  } finally {
    await Promise.all(index.files.map(({ file }) => file.close()));
  }
}

interface Pinned {
  readonly text: string;
  readonly files: readonly { readonly entry: FileEntry; readonly file: FileReader }[];
}

/** The index as it is now, its files open: they can be read to the end even when it is changed and they are removed. */
async function pinned(disk: Disk): Promise<Pinned | undefined> {
  return openCurrent(
    () => readManifest(disk),
    async (manifest) => {
      if (!manifest) return undefined;
      const entries = filesOf(manifest);
      const files = await openFiles(disk, entries);
      return { text: manifestText(manifest), files: files.map((file, i) => ({ entry: entries[i]!, file })) };
    },
  );
}
