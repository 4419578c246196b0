import { ResiftError } from '@resift/core';
import { type Disk, type FileEntry, type FileReader, openDisk } from '../plaid/disk.ts';
import { filesOf, type Manifest, readManifest } from '../plaid/manifest.ts';
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

const ROUNDS = 20;

/** The index as it is now, its files open: they can be read to the end even when it is changed and they are removed. */
async function pinned(disk: Disk): Promise<Pinned | undefined> {
  for (let round = 1; ; round++) {
    let text = '';
    const manifest: Manifest | undefined = await readManifest({
      ...disk,
      async readText(name) {
        const read = await disk.readText(name);
        text = read ?? '';
        return read;
      },
    });
    if (!manifest) return undefined;
    const entries = filesOf(manifest);
    const opened = await Promise.allSettled(entries.map((entry) => disk.open(entry)));
    const failed = opened.find((result) => result.status === 'rejected');
    const files = opened.flatMap((result, i) => (result.status === 'fulfilled' ? [{ entry: entries[i]!, file: result.value }] : []));
    if (!failed) return { text, files };
    await Promise.all(files.map(({ file }) => file.close()));
    // A file may be gone because the index has just been changed; then there is another manifest.
    const moved = (await readManifest(disk))?.generation !== manifest.generation;
    if (!moved || round === ROUNDS) throw failed.reason;
  }
}
