import type { Buckets } from './buckets.ts';
import { type Codec, residualBytes } from './codec.ts';
import { QUARTERS, quarterBytes } from './quarters.ts';

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
export function createQuarterDecoder(codec: Codec, quarters: Buckets): Decoder {
  const { bits, size, centroids } = codec;
  const [width, quarterWidth] = [residualBytes(codec), quarterBytes(codec)];
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  return (codes, packed) => {
    const rows = new Float32Array(codes.length * size);
    for (let row = 0; row < codes.length; row++) {
      const centroid = codes[row]! * size;
      const atQuarters = codes.length * width + row * quarterWidth;
      for (let k = 0; k < size; k++) {
        const bucket = (packed[row * width + Math.floor(k / perByte)]! >> ((k % perByte) * bits)) & mask;
        const quarter = (packed[atQuarters + (k >> 2)]! >> (2 * (k & 3))) & (QUARTERS - 1);
        rows[row * size + k] = centroids[centroid + k]! + quarters.values[QUARTERS * bucket + quarter]!;
      }
    }
    return rows;
  };
}
