import { join } from 'node:path';
import { type Codec, tokenBytes } from './codec.ts';
import { parseCodec } from './codec-file.ts';
import { type Disk, readWhole } from './disk.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { type LoadedSegment, openSegment, type Segment } from './segment-reader.ts';

/** An index as one manifest describes it. A search goes on in the one it began with. */
export interface Snapshot {
  readonly manifest: Manifest;
  readonly codec: Codec;
  readonly parts: readonly Part[];
  hold(): void;
  /** Files are closed when nobody holds the snapshot any more; whoever opens it holds it once. */
  release(): Promise<void>;
}

export interface Part {
  readonly segment: Segment;
  /** Positions of documents that were deleted. */
  readonly deleted: ReadonlySet<number>;
}

/** A segment with what a search needs of it in memory. */
export interface LoadedPart {
  readonly data: LoadedSegment;
  readonly deleted: ReadonlySet<number>;
}

/**
 * Opens what the manifest names: reads the codec and what was deleted, of the segments nothing yet. `corrupt` if a file is missing or has another
 * length. What `before` has open is shared with it, so that a small change to a large index costs little.
 */
export async function openSnapshot(disk: Disk, manifest: Manifest, before?: Snapshot): Promise<Snapshot> {
  const width = tokenBytes({ size: manifest.embedder.dimensions, bits: manifest.bits, quarters: manifest.refined });
  const known = new Map(before?.parts.map((part) => [part.segment.name, part.segment]));
  const parts: Part[] = [];
  const releaseAll = () => Promise.all(parts.map(({ segment }) => segment.release()));
  try {
    for (const entry of manifest.segments) {
      const shared = known.get(entry.files.table.name);
      shared?.hold();
      const segment = shared ?? (await openSegment(disk, entry, width));
      const part = { segment, deleted: new Set<number>() };
      parts.push(part);
      if (!entry.deleted) continue;
      for (const slot of new Uint32Array((await readWhole(disk, entry.deleted.file)).buffer)) part.deleted.add(slot);
    }
    const same = before && before.manifest.codec.file.name === manifest.codec.file.name;
    const codec = same ? before.codec : await openCodec(disk, manifest);
    let holders = 1;
    return {
      manifest,
      codec,
      parts,
      hold() {
        holders += 1;
      },
      async release() {
        holders -= 1;
        if (holders === 0) await releaseAll();
      },
    };
  } catch (error) {
    await releaseAll();
    throw error;
  }
}

/** Reads what is kept in memory of every segment, where it was not read before. */
export async function loadParts({ parts }: Snapshot): Promise<LoadedPart[]> {
  return Promise.all(parts.map(async ({ segment, deleted }) => ({ data: await segment.load(), deleted })));
}

/** Every document that was not deleted, as it was given. */
export async function liveDocuments<D>(snapshot: Snapshot, signal?: AbortSignal): Promise<D[]> {
  const documents: D[] = [];
  for (const { data, deleted } of await loadParts(snapshot)) {
    for (let slot = 0; slot < data.ids.length; slot++) {
      signal?.throwIfAborted();
      if (!deleted.has(slot)) documents.push(JSON.parse(new TextDecoder().decode(await data.text(slot))) as D);
    }
  }
  return documents;
}

/** Reads every byte of every file. */
export async function verifySnapshot(disk: Disk, snapshot: Snapshot): Promise<void> {
  snapshot.hold();
  try {
    await readManifest(disk);
    await readWhole(disk, snapshot.manifest.codec.file);
    for (const { deleted } of snapshot.manifest.segments) if (deleted) await readWhole(disk, deleted.file);
    for (const { segment } of snapshot.parts) await segment.verify();
  } finally {
    await snapshot.release();
  }
}

async function openCodec(disk: Disk, manifest: Manifest): Promise<Codec> {
  const bytes = await readWhole(disk, manifest.codec.file);
  return parseCodec(bytes, manifest, join(disk.directory, manifest.codec.file.name));
}
