import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { ResiftError } from '@resift/core';
import type { Bits } from './codec.ts';
import { corrupt, type Disk, type FileEntry } from './disk.ts';

/** What an index consists of. Files that it does not name are left from a crash or belong to a reader of an older one. */
export interface Manifest {
  readonly format: 1;
  /** Grows by one with every change; new files bear it in their names. */
  readonly generation: number;
  /** Vectors of another embedder must not meet these. */
  readonly embedder: { readonly id: string; readonly dimensions: number };
  readonly bits: Bits;
  /** Whether two more bits of each number are kept. */
  readonly refined?: boolean | undefined;
  readonly seed: number;
  /** Most centroids that training may make. */
  readonly mostCentroids: number;
  /** What the codec was trained for. */
  readonly trained: { readonly documents: number; readonly tokens: number };
  readonly codec: { readonly file: FileEntry; readonly centroids: number };
  readonly segments: readonly SegmentEntry[];
}

/** Some documents of the index, written at once. */
export interface SegmentEntry {
  readonly documents: number;
  readonly tokens: number;
  /** Centroids that have a document here. */
  readonly lists: number;
  readonly files: Readonly<Record<SegmentFile, FileEntry>>;
  /** Positions of the documents that were deleted since, as 32-bit numbers. */
  readonly deleted?: { readonly file: FileEntry; readonly documents: number };
}

/**
 * `table` where the records of the others begin and their checksums · `codes` each token's centroid · `names` ids and metadata tags ·
 * `residuals` and `texts` one record for each document · `lists` the documents of each centroid.
 */
export type SegmentFile = 'table' | 'codes' | 'names' | 'residuals' | 'texts' | 'lists';

const NAME = 'manifest.json';
/** Names of our own files, so that nothing else is ever removed. */
const OURS = /^g(\d+)-\d+\.[a-z]+$/;

export function fileName(generation: number, number: number, kind: SegmentFile | 'codec' | 'deleted'): string {
  return `g${generation}-${number}.${kind}`;
}

/** Undefined where there is no index. `corrupt` if the file is not what was written. */
export async function readManifest(disk: Disk): Promise<Manifest | undefined> {
  const text = await disk.readText(NAME);
  return text === undefined ? undefined : parseManifest(text, join(disk.directory, NAME));
}

/** `text` must be what `manifestText` gave, else `corrupt`, naming the path. */
export function parseManifest(text: string, path: string): Manifest {
  const [hash, body, ...rest] = text.split('\n');
  if (rest.length !== 1 || rest[0] !== '' || sha256(body!) !== hash) throw corrupt(path, 'its checksum is another');
  const manifest = JSON.parse(body!) as Manifest;
  if (manifest.format !== 1) {
    throw new ResiftError(
      'invalid_config',
      `${path} is of format ${manifest.format}: expected 1. Install the version of resift that wrote it.`,
    );
  }
  return manifest;
}

/** The content of the file of a manifest. */
export function manifestText(manifest: Manifest): string {
  const body = JSON.stringify(manifest);
  return `${sha256(body)}\n${body}\n`;
}

/** From here on this is the index. */
export async function commitManifest(disk: Disk, manifest: Manifest): Promise<void> {
  await disk.swapText(NAME, manifestText(manifest));
}

/** Removes our files that the manifest does not name: those of older indexes (whoever has them open can read on) and of writes that did not end. */
export async function removeLeftovers(disk: Disk, manifest: Manifest | undefined): Promise<void> {
  const named = new Set(manifest ? filesOf(manifest).map(({ name }) => name) : []);
  for (const name of await disk.names()) if (OURS.test(name) && !named.has(name)) await disk.remove(name);
}

export function filesOf({ codec, segments }: Manifest): FileEntry[] {
  return [codec.file, ...segments.flatMap(({ files, deleted }) => [...Object.values(files), ...(deleted ? [deleted.file] : [])])];
}

/** A generation that no file here has, whatever state the manifest is in. */
export async function freshGeneration(disk: Disk, manifest: Manifest | undefined): Promise<number> {
  const used = (await disk.names()).map((name) => Number(OURS.exec(name)?.[1] ?? 0));
  return 1 + Math.max(manifest?.generation ?? 0, ...used);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
