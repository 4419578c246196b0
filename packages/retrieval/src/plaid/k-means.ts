import { breaths } from '../internal/breaths.ts';
import { sampleOf } from '../internal/seeded.ts';
import { type NearestOptions, nearestCentroid } from './nearest.ts';
import { unitRows } from './unit-rows.ts';

export interface KMeansOptions extends NearestOptions {
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** Default 4, as in ColBERT. */
  readonly iterations?: number | undefined;
  readonly onIteration?: ((done: number, total: number) => void) | undefined;
}

/**
 * At most `count` unit-length centroids of unit-length rows, by spherical k-means from random rows. A centroid that ends up nearest to
 * no row is left out, so there may be fewer.
 */
export async function kMeans(
  rows: Float32Array,
  size: number,
  count: number,
  { random, iterations = 4, onIteration, ...options }: KMeansOptions,
): Promise<Float32Array> {
  const total = rows.length / size;
  const breathe = breaths();
  const starts = sampleOf(total, Math.min(count, total), random);
  let centroids = new Float32Array(starts.length * size);
  for (const [i, row] of starts.entries()) centroids.set(rows.subarray(row * size, (row + 1) * size), i * size);

  for (let round = 1; round <= iterations; round++) {
    const nearest = await (await nearestCentroid(centroids, size, options))(rows);
    const members = new Uint32Array(centroids.length / size);
    const means = new Float32Array(centroids.length);
    for (let row = 0; row < total; row++) {
      if (row % 1_024 === 0) await breathe();
      const to = nearest[row]! * size;
      members[nearest[row]!]! += 1;
      for (let k = 0; k < size; k++) means[to + k]! += rows[row * size + k]!;
    }
    // An empty cluster starts again from some row; after the last round nothing would follow from that.
    const keep = [...members.keys()].filter((cluster) => members[cluster]! > 0 || round < iterations);
    centroids = new Float32Array(keep.length * size);
    for (const [place, cluster] of keep.entries()) {
      const empty = members[cluster] === 0;
      const from = (empty ? Math.floor(random() * total) : cluster) * size;
      centroids.set((empty ? rows : means).subarray(from, from + size), place * size);
    }
    unitRows(centroids, size);
    onIteration?.(round, iterations);
  }
  return centroids;
}
