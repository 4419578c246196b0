import type { Codec } from './codec.ts';
import { corrupt, type Disk, type FileEntry } from './disk.ts';
import type { Manifest } from './manifest.ts';

/** Centroids, cutoffs and values, then cutoffs and values of the quarters, if any, one after another, as 32-bit floats. */
export async function writeCodec(disk: Disk, name: string, { centroids, cutoffs, values, quarters }: Codec): Promise<FileEntry> {
  const file = await disk.create(name);
  const parts = [centroids, cutoffs, values, ...(quarters ? [quarters.cutoffs, quarters.values] : [])];
  for (const part of parts) await file.write(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  return file.finish();
}

/** `bytes` is the whole file; `corrupt` if it is not of the size that the manifest says. */
export function parseCodec(bytes: Uint8Array<ArrayBuffer>, { codec, embedder, bits, refined }: Manifest, path: string): Codec {
  const size = embedder.dimensions;
  const buckets = 1 << bits;
  const lengths = [codec.centroids * size, buckets - 1, buckets, ...(refined ? [3 * buckets, 4 * buckets] : [])];
  if (bytes.byteLength !== 4 * lengths.reduce((sum, length) => sum + length)) throw corrupt(path, 'it does not fit the manifest');
  let at = 0;
  const [centroids, cutoffs, values, ...quarters] = lengths.map((length) => {
    at += length;
    return new Float32Array(bytes.buffer, 4 * (at - length), length);
  }) as [Float32Array, Float32Array, Float32Array, ...Float32Array[]];
  return { bits, size, centroids, cutoffs, values, quarters: refined ? { cutoffs: quarters[0]!, values: quarters[1]! } : undefined };
}
