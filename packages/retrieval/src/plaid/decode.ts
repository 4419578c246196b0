import type { Buckets } from './buckets.ts';
import { type Codec, residualBytes } from './codec.ts';
import { quarterBytes } from './quarters.ts';

/** Gives back the rows of a document from its codes and what `encodeResiduals` made. */
export type Decoder = (codes: Uint16Array, packed: Uint8Array) => Float32Array;

/** Gives back the rows, as near to what they were as their buckets tell: not quite of unit length. */
export function createDecoder({ bits, size, centroids, values }: Codec): Decoder {
  const width = residualBytes({ bits, size });
  const perByte = 8 / bits;
  const table = new Float32Array(256 * perByte);
  for (let byte = 0; byte < 256; byte++) {
    for (let i = 0; i < perByte; i++) table[byte * perByte + i] = values[(byte >> (i * bits)) & ((1 << bits) - 1)]!;
  }
  return (codes, packed) => {
    const rows = new Float32Array(codes.length * size);
    for (let row = 0; row < codes.length; row++) {
      const centroid = codes[row]! * size;
      let k = 0;
      for (let at = row * width; at < (row + 1) * width; at++) {
        const from = packed[at]! * perByte;
        for (let i = 0; i < perByte && k < size; i++, k++) rows[row * size + k] = centroids[centroid + k]! + table[from + i]!;
      }
    }
    return rows;
  };
}

/** The same from their buckets and quarters: nearer. */
export function createQuarterDecoder(codec: Codec, { values }: Buckets): Decoder {
  const { bits, size, centroids } = codec;
  const [width, quarterWidth] = [residualBytes(codec), quarterBytes(codec)];
  const mask = (1 << bits) - 1;
  /** The buckets of four numbers, those of one byte of quarters. */
  const four: (packed: Uint8Array, from: number, at: number) => number = {
    1: (packed: Uint8Array, from: number, at: number) => packed[from + (at >> 1)]! >> (4 * (at & 1)),
    2: (packed: Uint8Array, from: number, at: number) => packed[from + at]!,
    4: (packed: Uint8Array, from: number, at: number) => packed[from + 2 * at]! | (packed[from + 2 * at + 1]! << 8),
  }[bits];
  return (codes, packed) => {
    const rows = new Float32Array(codes.length * size);
    for (let row = 0; row < codes.length; row++) {
      const atQuarters = codes.length * width + row * quarterWidth;
      const [from, centroid] = [row * size, codes[row]! * size];
      for (let k = 0; k < size; k += 4) {
        const quarters = packed[atQuarters + (k >> 2)]!;
        const buckets = four(packed, row * width, k >> 2);
        // What is beyond a row's end is written over by the next one; beyond the last there is nothing.
        rows[from + k] = centroids[centroid + k]! + values[((buckets & mask) << 2) | (quarters & 3)]!;
        rows[from + k + 1] = centroids[centroid + k + 1]! + values[(((buckets >> bits) & mask) << 2) | ((quarters >> 2) & 3)]!;
        rows[from + k + 2] = centroids[centroid + k + 2]! + values[(((buckets >> (2 * bits)) & mask) << 2) | ((quarters >> 4) & 3)]!;
        rows[from + k + 3] = centroids[centroid + k + 3]! + values[(((buckets >> (3 * bits)) & mask) << 2) | (quarters >> 6)]!;
      }
    }
    return rows;
  };
}
