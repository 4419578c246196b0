import { ResiftError } from '@resift/core';
import { seeded } from '../internal/seeded.ts';
import { type Buckets, leastSquaresBuckets } from './buckets.ts';
import { kMeans } from './k-means.ts';
import { type NearestOptions, nearestCentroid } from './nearest.ts';
import { quarterBuckets, quarterBytes, quarterOf } from './quarters.ts';

/** Bits for each number of a residual. */
export type Bits = 1 | 2 | 4;

/** How token vectors are kept (ColBERTv2, Santhanam et al. 2022): the nearest centroid, and for each number of what is left of the vector the bucket it lies in. */
export interface Codec extends Buckets {
  readonly bits: Bits;
  readonly size: number;
  /** Of unit length, row by row. */
  readonly centroids: Float32Array;
  /** Two more bits for each number, which only the best candidates are scored with: the quarters of each bucket, one bucket after another. */
  readonly quarters?: Buckets | undefined;
}

export interface CodecOptions extends NearestOptions {
  readonly bits: Bits;
  /** Whether each bucket has quarters. Default false. */
  readonly refine?: boolean | undefined;
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

export async function trainCodec(
  sample: Float32Array,
  size: number,
  { bits, refine = false, centroids: most, seed, onIteration, ...options }: CodecOptions,
): Promise<Codec> {
  if (size === 0) throw new ResiftError('invalid_config', 'Expected token vectors of at least one dimension.');
  const count = sample.length / size;
  const codec = (centroids: Float32Array, residuals: Float32Array): Codec => {
    const buckets = leastSquaresBuckets(residuals, 1 << bits);
    return { bits, size, centroids, ...buckets, quarters: refine ? quarterBuckets(residuals, buckets) : undefined };
  };
  if (count === 0) return codec(new Float32Array(size).fill(1, 0, 1), new Float32Array(0));
  const hold = count >= HELD_OUT * LEAST_HELD_OUT;
  const [train, heldOut] = hold ? split(sample, size) : [sample, sample];
  const centroids = await kMeans(train, size, most, { ...options, random: seeded(seed), onIteration });
  const few = spread(heldOut, size, Math.ceil(MOST_RESIDUALS / size));
  const nearest = await (await nearestCentroid(centroids, size, options))(few);
  const residuals = few.map((value, i) => value - centroids[nearest[Math.floor(i / size)]! * size + (i % size)]!);
  return codec(centroids, residuals);
}

/** Bytes of one token's buckets. */
export function residualBytes({ size, bits }: Pick<Codec, 'size' | 'bits'>): number {
  return Math.ceil((size * bits) / 8);
}

/** Bytes of all that is kept of one token beside its centroid. */
export function tokenBytes(codec: { readonly size: number; readonly bits: Bits; readonly quarters?: unknown }): number {
  return residualBytes(codec) + (codec.quarters ? quarterBytes(codec) : 0);
}

/** Packs what is left of each row after its centroid, the first number in the lowest bits: the buckets of all rows, then, where the codec has them, their quarters. */
export function encodeResiduals(codec: Codec, rows: Float32Array, codes: Uint16Array): Uint8Array {
  const { bits, size, centroids, cutoffs, quarters } = codec;
  const width = residualBytes(codec);
  const quarterWidth = quarterBytes(codec);
  const packed = new Uint8Array(codes.length * tokenBytes(codec));
  const perByte = 8 / bits;
  for (let row = 0; row < codes.length; row++) {
    const from = row * size;
    const centroid = codes[row]! * size;
    const atQuarters = codes.length * width + row * quarterWidth;
    for (let k = 0; k < size; k++) {
      const residual = rows[from + k]! - centroids[centroid + k]!;
      let bucket = 0;
      for (let step = 1 << (bits - 1); step > 0; step >>= 1) if (residual > cutoffs[bucket + step - 1]!) bucket += step;
      packed[row * width + Math.floor(k / perByte)]! |= bucket << ((k % perByte) * bits);
      if (quarters) packed[atQuarters + (k >> 2)]! |= quarterOf(quarters, bucket, residual) << (2 * (k & 3));
    }
  }
  return packed;
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
