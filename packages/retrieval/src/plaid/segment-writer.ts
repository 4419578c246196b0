import { crc32 } from 'node:zlib';
import { breaths } from '../internal/breaths.ts';
import type { Disk, FileEntry } from './disk.ts';
import { fileName, type SegmentEntry, type SegmentFile } from './manifest.ts';
import { tableBytes } from './segment-table.ts';

/** A document as a segment keeps it. */
export interface SegmentDocument {
  readonly id: string;
  /** What a filter compares with. */
  readonly tags: readonly string[];
  /** The document as JSON. */
  readonly text: Uint8Array;
  /** Each token's centroid. */
  readonly codes: Uint16Array;
  readonly residuals: Uint8Array;
}

export interface SegmentWriter {
  readonly documents: number;
  add(document: SegmentDocument): Promise<void>;
}

/** Writes one segment: `fill` adds its documents. All files are flushed to disk on return, and closed whatever happens. */
export async function writeSegment(disk: Disk, generation: number, fill: (segment: SegmentWriter) => Promise<void>): Promise<SegmentEntry> {
  const segment = await createSegment(disk, generation);
  try {
    await fill(segment);
    return await segment.finish();
  } finally {
    await segment.abandon();
  }
}

/** Writes texts and residuals as they come; codes and names are kept until the end. */
async function createSegment(disk: Disk, generation: number) {
  const create = (kind: SegmentFile) => disk.create(fileName(generation, 0, kind));
  const texts = await create('texts');
  const residuals = await create('residuals').catch(async (error: unknown) => {
    await texts.abandon();
    throw error;
  });
  const names: (readonly [string, ...string[]])[] = [];
  const codes: Uint16Array[] = [];
  const textStarts = [0];
  const tokenStarts = [0];
  const textSums: number[] = [];
  const residualSums: number[] = [];

  async function write(kind: SegmentFile, ...parts: Uint8Array[]): Promise<FileEntry> {
    const file = await create(kind);
    for (const part of parts) await file.write(part);
    return file.finish();
  }

  return {
    get documents() {
      return names.length;
    },
    async add(document: SegmentDocument): Promise<void> {
      names.push([document.id, ...document.tags]);
      codes.push(document.codes);
      textSums.push(crc32(document.text));
      residualSums.push(crc32(document.residuals));
      await texts.write(document.text);
      await residuals.write(document.residuals);
      textStarts.push(texts.bytes);
      tokenStarts.push(tokenStarts.at(-1)! + document.codes.length);
    },
    async abandon(): Promise<void> {
      await Promise.all([texts.abandon(), residuals.abandon()]);
    },
    async finish(): Promise<SegmentEntry> {
      const { listCentroids, listStarts, listSums, slots } = await invert(codes);
      const table = tableBytes({
        textStarts: Float64Array.from(textStarts),
        tokenStarts: Uint32Array.from(tokenStarts),
        textSums: Uint32Array.from(textSums),
        residualSums: Uint32Array.from(residualSums),
        listCentroids,
        listStarts,
        listSums,
      });
      return {
        documents: names.length,
        tokens: tokenStarts.at(-1)!,
        lists: listCentroids.length,
        files: {
          texts: await texts.finish(),
          residuals: await residuals.finish(),
          codes: await write('codes', ...codes.map(bytesOf)),
          names: await write('names', Buffer.from(JSON.stringify(names))),
          lists: await write('lists', bytesOf(slots)),
          table: await write('table', table),
        },
      };
    },
  };
}

/** For each centroid the documents that have a token there, rising. */
async function invert(codes: readonly Uint16Array[]) {
  const breathe = breaths();
  /** Calls back once for each document and centroid. */
  async function each(visit: (slot: number, centroid: number) => void) {
    const last = new Int32Array(65_536).fill(-1);
    for (const [slot, ofDocument] of codes.entries()) {
      for (const centroid of ofDocument) {
        if (last[centroid] === slot) continue;
        last[centroid] = slot;
        visit(slot, centroid);
      }
      if (slot % 64 === 63) await breathe();
    }
  }
  const counts = new Uint32Array(65_536);
  await each((_, centroid) => {
    counts[centroid]! += 1;
  });
  const listCentroids = Uint32Array.from(counts.keys()).filter((centroid) => counts[centroid]! > 0);
  const listStarts = new Uint32Array(listCentroids.length + 1);
  const next = new Uint32Array(65_536);
  for (const [i, centroid] of listCentroids.entries()) {
    next[centroid] = listStarts[i]!;
    listStarts[i + 1] = listStarts[i]! + counts[centroid]!;
  }
  const slots = new Uint32Array(listStarts.at(-1)!);
  await each((slot, centroid) => {
    slots[next[centroid]!++] = slot;
  });
  const listSums = listCentroids.map((_, i) => crc32(bytesOf(slots.subarray(listStarts[i], listStarts[i + 1]))));
  return { listCentroids, listStarts, listSums, slots };
}

function bytesOf(part: Uint16Array | Uint32Array): Uint8Array {
  return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
}
