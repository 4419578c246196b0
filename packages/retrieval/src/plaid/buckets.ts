/** Numbers cut into ranges: `values[b]` stands for what lies in range `b`, `cutoffs[b]` is its upper end (the last has none). */
export interface Buckets {
  readonly cutoffs: Float32Array;
  readonly values: Float32Array;
}

const LLOYD_ROUNDS = 50;

/** So many buckets of the least squared error (Lloyd 1982) for a sample, found from quantiles: each value is the mean of its bucket, each end lies half-way between two values. */
export function leastSquaresBuckets(sample: Float32Array, count: number): Buckets {
  const cutoffs = new Float32Array(count - 1);
  const values = new Float32Array(count);
  const sorted = sample.slice().sort();
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
