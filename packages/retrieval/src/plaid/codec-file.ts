import type { Codec } from './codec.ts';
import { corrupt, type Disk, type FileEntry } from './disk.ts';
import type { Manifest } from './manifest.ts';

/** Centroids, cutoffs and values, one after another, as 32-bit floats. */
export async function writeCodec(disk: Disk, name: string, { centroids, cutoffs, values }: Codec): Promise<FileEntry> {
  const file = await disk.create(name);
  for (const part of [centroids, cutoffs, values]) await file.write(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  return file.finish();
}

/** `bytes` is the whole file; `corrupt` if it is not of the size that the manifest says. */
export function parseCodec(bytes: Uint8Array<ArrayBuffer>, { codec, embedder, bits }: Manifest, path: string): Codec {
  const size = embedder.dimensions;
  const end = codec.centroids * size;
  const buckets = 1 << bits;
  if (bytes.byteLength !== 4 * (end + 2 * buckets - 1)) throw corrupt(path, 'it does not fit the manifest');
  const floats = new Float32Array(bytes.buffer);
  const values = floats.subarray(end + buckets - 1);
  return { bits, size, centroids: floats.subarray(0, end), cutoffs: floats.subarray(end, end + buckets - 1), values };
}
