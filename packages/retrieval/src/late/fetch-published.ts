import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isResiftError, ResiftError, type TokenEmbedder } from '@resift/core';
import { corrupt, type Disk, type FileEntry, openDisk } from '../plaid/disk.ts';
import { commitManifest, filesOf, type Manifest, parseManifest, readManifest, removeLeftovers } from '../plaid/manifest.ts';
import type { ObjectBucket } from '../stores/object-bucket.ts';
import { manifestKey, PART_BYTES, publishedParts } from './published-parts.ts';

export interface Fetch {
  readonly bucket: ObjectBucket;
  readonly collection: string;
  /** Nobody else writes here. An index that is open goes on as it is. */
  readonly directory: string;
  /** An index of another model is left alone. */
  readonly embedder: Pick<TokenEmbedder, 'id' | 'tokenDimensions'>;
  readonly signal?: AbortSignal | undefined;
  /** Of one object, as its writer has it. Default 8 MiB. */
  readonly partBytes?: number | undefined;
}

const ROUNDS = 20;
const MANIFEST = 'manifest.json';
const FILE_NAME = /^g\d+-\d+\.[a-z]+$/;
const PARTIAL = /^[0-9a-f]{64}\.part$/;

/**
 * Brings a folder up to the index that is published; does nothing where none is. Only files that the folder lacks are fetched, each under another name until its length and checksum
 * are right; the manifest comes last. What an interrupted call fetched is not fetched again. Rejects with `corrupt` where an object is not what was published: the next call starts that file anew.
 */
export async function fetchPublished(asked: Fetch): Promise<void> {
  const { bucket, collection, directory, embedder } = asked;
  const disk = openDisk(directory);
  for (let round = 1; ; round++) {
    const published = await bucket.get(manifestKey(collection));
    const manifest = published && manifestIn(published.text, directory);
    if (!manifest || manifest.embedder.id !== embedder.id || manifest.embedder.dimensions !== embedder.tokenDimensions) return;
    try {
      return await bring(asked, disk, manifest);
    } catch (error) {
      // An object may be gone because there is a newer index.
      const moved = isResiftError(error, 'not_found') && (await bucket.get(manifestKey(collection)))?.tag !== published?.tag;
      if (!moved || round === ROUNDS) throw error;
    }
  }
}

function manifestIn(text: string, directory: string): Manifest {
  const path = join(directory, MANIFEST);
  const manifest = parseManifest(text, path);
  const strange = filesOf(manifest).find(({ name }) => !FILE_NAME.test(name));
  if (strange) throw corrupt(path, `it names a file ${JSON.stringify(strange.name)}`);
  return manifest;
}

async function bring(asked: Fetch, disk: Disk, manifest: Manifest): Promise<void> {
  await mkdir(disk.directory, { recursive: true });
  const before = await readManifest(disk).catch(() => undefined);
  const had = new Map((before ? filesOf(before) : []).map(({ name, sha256 }) => [name, sha256]));
  // Where an index was made anew, its files bear the names of others: no manifest may name a mixture of both.
  if (filesOf(manifest).some(({ name, sha256 }) => had.has(name) && had.get(name) !== sha256)) await disk.remove(MANIFEST);
  for (const entry of filesOf(manifest)) {
    if (!(await isThere(disk, entry, had.get(entry.name) === entry.sha256))) await fetchFile(asked, entry);
  }
  if (JSON.stringify(before) !== JSON.stringify(manifest)) await commitManifest(disk, manifest);
  await removeLeftovers(disk, manifest);
  for (const name of await disk.names()) if (PARTIAL.test(name)) await disk.remove(name);
}

/** What a manifest vouches for has records that carry checksums; of anything else every byte is read. */
async function isThere(disk: Disk, entry: FileEntry, vouchedFor: boolean): Promise<boolean> {
  try {
    const file = await disk.open(entry);
    try {
      if (!vouchedFor) await file.verify();
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (isResiftError(error, 'corrupt')) return false;
    throw error;
  }
}

async function fetchFile({ bucket, collection, directory, signal, partBytes = PART_BYTES }: Fetch, entry: FileEntry): Promise<void> {
  const partial = join(directory, `${entry.sha256}.part`);
  const hash = createHash('sha256');
  const file = await open(partial, 'a+');
  try {
    const { size } = await file.stat();
    const kept = size - (size % partBytes);
    await file.truncate(kept);
    for (const { key, offset, bytes } of publishedParts(collection, entry, partBytes)) {
      signal?.throwIfAborted();
      const part = offset < kept ? new Uint8Array(bytes) : await bucket.read(key);
      if (!part) throw new ResiftError('not_found', `${key} is not in the bucket: expected what the published manifest names.`);
      if (offset < kept) await file.read(part, 0, bytes, offset);
      else await file.appendFile(part);
      hash.update(part);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (hash.digest('hex') !== entry.sha256) {
    await rm(partial, { force: true });
    throw corrupt(`${collection}: ${entry.name}`, 'what was published has another checksum');
  }
  await rename(partial, join(directory, entry.name));
}
