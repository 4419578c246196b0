import { ResiftError } from '@resift/core';
import type { Judgements } from './ranking/metric.ts';

/** Judgements by query id. */
export type Qrels = ReadonlyMap<string, Judgements>;

export interface RunEntry {
  readonly id: string;
  /** Higher is better. The order of a list counts for nothing, as in trec_eval. */
  readonly score: number;
}

/** What a system gave for each query. */
export type Run = ReadonlyMap<string, readonly RunEntry[]>;

/**
 * Ids best first, as trec_eval orders them: by score as a 32-bit float, equal scores by id, the greater (byte-wise) id first.
 * An id that comes twice or a score that is not a finite number is `invalid_input`.
 */
export function trecOrder(entries: readonly RunEntry[], query: string): string[] {
  const seen = new Set<string>();
  const keyed = entries.map(({ id, score }) => {
    if (typeof score !== 'number' || !Number.isFinite(score)) {
      throw new ResiftError('invalid_input', `Expected finite scores, got ${score} for document "${id}" of query "${query}".`);
    }
    if (seen.has(id)) {
      throw new ResiftError('invalid_input', `Document "${id}" is twice in the run of query "${query}": keep one, usually the best.`);
    }
    seen.add(id);
    return { id, score: Math.fround(score) };
  });
  return keyed.sort((a, b) => b.score - a.score || byteOrder(b.id, a.id)).map(({ id }) => id);
}

/** A list in its own order as entries whose scores fall, so that trec_eval's order is the list's. */
export function asEntries(ids: readonly string[]): RunEntry[] {
  return ids.map((id, rank) => ({ id, score: ids.length - rank }));
}

/** Refuses a run that names queries or documents that the collection does not have. */
export function checkKnown(run: Run, known: { readonly queries?: ReadonlySet<string>; readonly documents?: ReadonlySet<string> }): void {
  for (const [query, entries] of run) {
    if (known.queries && !known.queries.has(query)) {
      throw new ResiftError('invalid_input', `The run answers query "${query}", which the data set does not have.`);
    }
    const stranger = known.documents && entries.find(({ id }) => !known.documents?.has(id));
    if (stranger) {
      throw new ResiftError(
        'invalid_input',
        `The run of query "${query}" names document "${stranger.id}", which the collection does not have.`,
      );
    }
  }
}

/** UTF-8 byte order, which is code point order; JavaScript's `<` compares UTF-16 units. */
function byteOrder(a: string, b: string): number {
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const surrogateX = x >= 0xd800 && x < 0xe000;
    const surrogateY = y >= 0xd800 && y < 0xe000;
    return surrogateX === surrogateY ? x - y : surrogateX ? 1 : -1;
  }
  return a.length - b.length;
}
