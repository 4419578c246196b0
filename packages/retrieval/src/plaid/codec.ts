import { ResiftError } from '@resift/core';
import { seeded } from '../internal/seeded.ts';
import { kMeans } from './k-means.ts';
import { type NearestOptions, nearestCentroid } from './nearest.ts';

/** Bits for each number of a residual. */
export type Bits = 1 | 2 | 4;

/**
 * How token vectors are kept (ColBERTv2, Santhanam et al. 2022): the nearest centroid, and for each number of what is left of the vector the bucket it
 * lies in. `values[b]` is the mean of bucket `b` in the sample, `cutoffs[b]` its upper end.
 */
export interface Codec {
  readonly bits: Bits;
  readonly size: number;
  /** Of unit length, row by row. */
  readonly centroids: Float32Array;
  readonly cutoffs: Float32Array;
  readonly values: Float32Array;
}

export interface CodecOptions extends NearestOptions {
  readonly bits: Bits;
  /** Most centroids. */
  readonly centroids: number;
  readonly seed: number;
  readonly onIteration?: ((done: number, total: number) => void) | undefined;
}

/** Every so manieth row of a sample is kept from k-means, and its residuals set the buckets: those of the others are smaller than what is to come. */
const HELD_OUT = 20;
const LEAST_HELD_OUT = 500;
/** Numbers that set the buckets. */
const MOST_RESIDUALS = 200_000;
const LLOYD_ROUNDS = 50;

export async function trainCodec(
  sample: Float32Array,
  size: number,
  { bits, centroids: most, seed, onIteration, ...options }: CodecOptions,
): Promise<Codec> {
  if (size === 0) throw new ResiftError('invalid_config', 'Expected token vectors of at least one dimension.');
  const count = sample.length / size;
  if (count === 0) return { bits, size, centroids: new Float32Array(size).fill(1, 0, 1), ...buckets(new Float32Array(0), bits) };
  const hold = count >= HELD_OUT * LEAST_HELD_OUT;
  const [train, heldOut] = hold ? split(sample, size) : [sample, sample];
  const centroids = await kMeans(train, size, most, { ...options, random: seeded(seed), onIteration });
  const few = spread(heldOut, size, Math.ceil(MOST_RESIDUALS / size));
  const nearest = await (await nearestCentroid(centroids, size, options))(few);
  const residuals = few.map((value, i) => value - centroids[nearest[Math.floor(i / size)]! * size + (i % size)]!);
  return { bits, size, centroids, ...buckets(residuals, bits) };
}

/** Bytes of one token's residual. */
export function residualBytes({ size, bits }: Pick<Codec, 'size' | 'bits'>): number {
  return Math.ceil((size * bits) / 8);
}

/** Packs what is left of each row after its centroid, the first number in the lowest bits. */
export function encodeResiduals({ bits, size, centroids, cutoffs }: Codec, rows: Float32Array, codes: Uint16Array): Uint8Array {
  const width = residualBytes({ bits, size });
  const packed = new Uint8Array(codes.length * width);
  const perByte = 8 / bits;
  for (let row = 0; row < codes.length; row++) {
    const from = row * size;
    const centroid = codes[row]! * size;
    for (let k = 0; k < size; k++) {
      const residual = rows[from + k]! - centroids[centroid + k]!;
      let bucket = 0;
      for (let step = 1 << (bits - 1); step > 0; step >>= 1) if (residual > cutoffs[bucket + step - 1]!) bucket += step;
      packed[row * width + Math.floor(k / perByte)]! |= bucket << ((k % perByte) * bits);
    }
  }
  return packed;
}

/** Gives back the rows, as near to what they were as can be told: not quite of unit length. */
export function createDecoder({ bits, size, centroids, values }: Codec): (codes: Uint16Array, packed: Uint8Array) => Float32Array {
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

function split(sample: Float32Array, size: number): [Float32Array, Float32Array] {
  const count = sample.length / size;
  const out = Math.floor(count / HELD_OUT);
  const train = new Float32Array((count - out) * size);
  const heldOut = new Float32Array(out * size);
  for (let row = 0, a = 0, b = 0; row < count; row++) {
    const held = row % HELD_OUT === HELD_OUT - 1;
    (held ? heldOut : train).set(sample.subarray(row * size, (row + 1) * size), held ? size * b++ : size * a++);
  }
  return [train, heldOut];
}

/** At most so many rows, from everywhere. */
function spread(rows: Float32Array, size: number, most: number): Float32Array {
  const count = rows.length / size;
  if (count <= most) return rows;
  const some = new Float32Array(most * size);
  for (let i = 0; i < most; i++) {
    const from = Math.floor((i * count) / most) * size;
    some.set(rows.subarray(from, from + size), i * size);
  }
  return some;
}

/** The buckets of the least squared error (Lloyd 1982), found from quantiles: each value is the mean of its bucket, each end lies half-way between two values. */
function buckets(residuals: Float32Array, bits: Bits): { cutoffs: Float32Array; values: Float32Array } {
  const count = 1 << bits;
  const cutoffs = new Float32Array(count - 1);
  const values = new Float32Array(count);
  const sorted = residuals.slice().sort();
  if (sorted.length === 0) return { cutoffs, values };
  const sums = new Float64Array(sorted.length + 1);
  for (let i = 0; i < sorted.length; i++) sums[i + 1] = sums[i]! + sorted[i]!;
  const ends = Array.from({ length: count + 1 }, (_, i) => Math.round((i * sorted.length) / count));
  for (let round = 0; round < LLOYD_ROUNDS; round++) {
    // An empty bucket keeps its value.
    for (let i = 0; i < count; i++) {
      if (ends[i + 1]! > ends[i]!) values[i] = (sums[ends[i + 1]!]! - sums[ends[i]!]!) / (ends[i + 1]! - ends[i]!);
      else if (round === 0) values[i] = sorted[Math.min(ends[i]!, sorted.length - 1)]!;
    }
    values.sort(); // one that kept its value may have been overtaken
    for (let i = 0; i < count - 1; i++) {
      cutoffs[i] = (values[i]! + values[i + 1]!) / 2;
      ends[i + 1] = firstAbove(sorted, cutoffs[i]!);
    }
  }
  return { cutoffs, values };
}

/** The position of the first number above a limit, in rising order. */
function firstAbove(sorted: Float32Array, limit: number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle]! <= limit) from = middle + 1;
    else to = middle;
  }
  return from;
}
