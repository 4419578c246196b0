import type { TagGroups } from '../lexical-index.ts';
import { bestOf } from './best-of.ts';

/** Exact nearest neighbours by dot product, one pass over all vectors. */
export interface VectorIndex {
  add(key: string, vector: Float32Array, tags?: readonly string[]): void;
  remove(key: string): boolean;
  /** Best first, equal ones by key. The score is the dot product: of unit vectors, the cosine. */
  search(query: Float32Array, topK: number, groups?: TagGroups): { key: string; score: number }[];
}

export function createVectorIndex(): VectorIndex {
  const entries = new Map<string, { vector: Float32Array; tags: ReadonlySet<string> }>();

  return {
    add(key, vector, tags = []) {
      entries.set(key, { vector, tags: new Set(tags) });
    },
    remove: (key) => entries.delete(key),
    search(query, topK, groups = []) {
      const keys: string[] = [];
      const scores: number[] = [];
      for (const [key, { vector, tags }] of entries) {
        if (!groups.every((group) => group.some((tag) => tags.has(tag)))) continue;
        keys.push(key);
        // bestOf keeps positive scores only; a cosine is at least -1.
        scores.push(dot(query, vector) + SHIFT);
      }
      return bestOf(Float64Array.from(scores), topK, (slot) => keys[slot]!).map(({ key, score }) => ({ key, score: score - SHIFT }));
    },
  };
}

const SHIFT = 2;

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
