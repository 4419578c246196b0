import { crc32 } from 'node:zlib';
import { corrupt, type Disk, type FileReader, openFiles } from './disk.ts';
import type { SegmentEntry, SegmentFile } from './manifest.ts';
import { readTable } from './segment-table.ts';

/** What of a segment is in memory once it was searched: about two bytes a token, and the ids. */
export interface LoadedSegment {
  readonly codes: Uint16Array;
  readonly tokenStarts: Uint32Array;
  readonly ids: readonly string[];
  /** The metadata tags of a document. */
  tags(slot: number): readonly string[];
  /** Documents that have a token at the centroid, rising. */
  list(centroid: number): Promise<Uint32Array>;
  residuals(slot: number): Promise<Uint8Array>;
  /** A document as JSON. */
  text(slot: number): Promise<Uint8Array>;
}

export interface Segment {
  readonly name: string;
  /** Reads, at the first call, what is kept in memory. */
  load(): Promise<LoadedSegment>;
  /** Reads everything and checks it; rejects with `corrupt`, naming the file. */
  verify(): Promise<void>;
  /** Files are closed when nobody holds the segment any more; whoever opens it holds it once. */
  hold(): void;
  release(): Promise<void>;
}

/** Opens the files and checks their lengths; reads nothing yet. */
export async function openSegment(disk: Disk, entry: SegmentEntry, residualBytes: number): Promise<Segment> {
  const kinds = Object.keys(entry.files) as SegmentFile[];
  const readers = await openFiles(
    disk,
    kinds.map((kind) => entry.files[kind]),
  );
  const files = Object.fromEntries(kinds.map((kind, i) => [kind, readers[i]!])) as Record<SegmentFile, FileReader>;
  let loaded: Promise<LoadedSegment> | undefined;
  let holders = 1;

  return {
    name: entry.files.table.name,
    load() {
      loaded ??= load(files, entry, residualBytes).catch((error: unknown) => {
        loaded = undefined;
        throw error;
      });
      return loaded;
    },
    async verify() {
      for (const kind of kinds) await files[kind].verify();
    },
    hold() {
      holders += 1;
    },
    async release() {
      holders -= 1;
      if (holders === 0) await Promise.all(readers.map((reader) => reader.close()));
    },
  };
}

async function load(files: Record<SegmentFile, FileReader>, entry: SegmentEntry, width: number): Promise<LoadedSegment> {
  const table = readTable(await files.table.all(), entry.documents, entry.lists, files.table.path);
  const codes = new Uint16Array((await files.codes.all()).buffer);
  const names = JSON.parse(new TextDecoder().decode(await files.names.all())) as (readonly [string, ...string[]])[];
  const { textStarts, tokenStarts, textSums, residualSums, listCentroids, listStarts, listSums } = table;
  const lists = new Map<number, number>();
  for (const [i, centroid] of listCentroids.entries()) lists.set(centroid, i);

  async function record(file: FileReader, from: number, to: number, sum: number): Promise<Uint8Array> {
    if (from === to) return new Uint8Array(0);
    const bytes = await file.read(from, to - from);
    if (crc32(bytes) !== sum) throw corrupt(file.path, `the checksum of its bytes ${from} to ${to} is another`);
    return bytes;
  }

  return {
    codes,
    tokenStarts,
    ids: names.map(([id]) => id),
    tags: (slot) => names[slot]!.slice(1),
    async list(centroid) {
      const i = lists.get(centroid);
      if (i === undefined) return new Uint32Array(0);
      const bytes = await record(files.lists, 4 * listStarts[i]!, 4 * listStarts[i + 1]!, listSums[i]!);
      return new Uint32Array(bytes.buffer);
    },
    residuals: (slot) => record(files.residuals, width * tokenStarts[slot]!, width * tokenStarts[slot + 1]!, residualSums[slot]!),
    text: (slot) => record(files.texts, textStarts[slot]!, textStarts[slot + 1]!, textSums[slot]!),
  };
}
