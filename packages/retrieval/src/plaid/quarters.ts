import { type Buckets, leastSquaresBuckets } from './buckets.ts';

const QUARTERS = 4;

/** Cuts each bucket into four, by the numbers of a sample that lie in it: three ends and four values for each bucket, one bucket after another. */
export function quarterBuckets(sample: Float32Array, { cutoffs, values }: Buckets): Buckets {
  const sorted = sample.slice().sort();
  const all = [...values].map((value, bucket) => {
    const [from, to] = [cutoffs[bucket - 1] ?? -Infinity, cutoffs[bucket] ?? Infinity];
    const inside = sorted.filter((number) => number > from && number <= to);
    return leastSquaresBuckets(inside.length > 0 ? inside : Float32Array.of(value), QUARTERS);
  });
  const joined = (parts: readonly Float32Array[]) => Float32Array.from(parts.flatMap((part) => [...part]));
  return { cutoffs: joined(all.map((one) => one.cutoffs)), values: joined(all.map((one) => one.values)) };
}

/** Bytes of one token's quarters. */
export function quarterBytes({ size }: { readonly size: number }): number {
  return Math.ceil(size / QUARTERS);
}

/** Which quarter of its bucket a number lies in. */
export function quarterOf({ cutoffs }: Buckets, bucket: number, value: number): number {
  const at = bucket * (QUARTERS - 1);
  if (value > cutoffs[at + 1]!) return value > cutoffs[at + 2]! ? 3 : 2;
  return value > cutoffs[at]! ? 1 : 0;
}
