import type { Disk } from './disk.ts';
import { fileName, freshGeneration, type Manifest, type SegmentEntry } from './manifest.ts';
import { type SegmentDocument, type SegmentWriter, writeSegment } from './segment-writer.ts';
import { loadParts, type Snapshot } from './snapshot.ts';

export interface Change {
  /** Documents with these ids are deleted. */
  readonly remove?: ReadonlySet<string> | undefined;
  /** Documents that come in. */
  readonly add?: AsyncIterable<SegmentDocument> | undefined;
  /** Copy everything that is left into one segment. Default: only what is worth it. */
  readonly merge?: boolean | undefined;
  readonly onAdded?: ((documents: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Changed {
  readonly manifest: Manifest;
  readonly removed: number;
}

/**
 * Writes the files of an index that differs from the one given; nothing is changed before `commitManifest`. What comes in, and the small segments
 * that are worth merging, become one new segment; documents leave the others by a list of those that are deleted.
 */
export async function changeIndex(disk: Disk, snapshot: Snapshot, { remove, add, merge, onAdded, signal }: Change): Promise<Changed> {
  const { manifest } = snapshot;
  const generation = await freshGeneration(disk, manifest);
  const parts = await loadParts(snapshot);
  let removed = 0;
  const deleted = parts.map(({ data, deleted: before }) => {
    const now = new Set(before);
    for (const [slot, id] of data.ids.entries()) if (remove?.has(id) && !before.has(slot)) now.add(slot);
    removed += now.size - before.size;
    return now;
  });
  const live = parts.map(({ data }, part) => data.ids.length - deleted[part]!.size);
  const absorbed = merge ? parts.map((_, part) => part) : worthMerging(manifest.segments, live);

  const fresh = add || absorbed.length > 0 ? await writeSegment(disk, generation, fill) : undefined;

  const segments: SegmentEntry[] = [];
  for (const [part, entry] of manifest.segments.entries()) {
    if (absorbed.includes(part) || live[part] === 0) continue;
    if (deleted[part]!.size === parts[part]!.deleted.size) segments.push(entry);
    else segments.push({ ...entry, deleted: await writeDeleted(fileName(generation, part + 1, 'deleted'), deleted[part]!) });
  }
  if (fresh && fresh.documents > 0) segments.push(fresh);
  return { manifest: { ...manifest, generation, segments }, removed };

  async function fill(segment: SegmentWriter) {
    for (const part of absorbed) {
      const { data } = parts[part]!;
      for (const [slot, id] of data.ids.entries()) {
        if (deleted[part]!.has(slot)) continue;
        signal?.throwIfAborted();
        const codes = data.codes.slice(data.tokenStarts[slot], data.tokenStarts[slot + 1]);
        await segment.add({ id, tags: data.tags(slot), text: await data.text(slot), codes, residuals: await data.residuals(slot) });
      }
    }
    const copied = segment.documents;
    for await (const document of add ?? []) {
      await segment.add(document);
      onAdded?.(segment.documents - copied);
    }
  }

  async function writeDeleted(name: string, slots: ReadonlySet<number>) {
    const file = await disk.create(name);
    await file.write(new Uint8Array(Uint32Array.from(slots).sort().buffer));
    return { file: await file.finish(), documents: slots.size };
  }
}

const MOST_SEGMENTS = 8;

/** Segments of which half is deleted; and where there are many, the small ones, so that each document is copied only about as often as the index doubles. */
function worthMerging(segments: readonly SegmentEntry[], live: readonly number[]): number[] {
  const dead = segments.flatMap(({ documents }, part) => (live[part]! > 0 && 2 * live[part]! <= documents ? [part] : []));
  if (segments.length < MOST_SEGMENTS) return dead;
  const rising = [...live.keys()].filter((part) => live[part]! > 0).sort((a, b) => live[a]! - live[b]!);
  const small: number[] = [];
  let documents = 0;
  for (const part of rising) {
    if (small.length > 1 && live[part]! > 2 * documents) break;
    small.push(part);
    documents += live[part]!;
  }
  return [...new Set([...dead, ...small])].sort((a, b) => a - b);
}
