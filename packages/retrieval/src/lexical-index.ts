import { ResiftError } from '@resift/core';
import type { Analyzer } from './analyze.ts';
import { bestOf } from './internal/best-of.ts';
import { appendPosting, createPostings, type Postings, purge, renumber } from './internal/postings.ts';

export interface Bm25Parameters {
  /** How soon more of the same word stops counting. Default 1.2. */
  readonly k1?: number | undefined;
  /** How much a long text is held back, 0 to 1. Default 0.75. */
  readonly b?: number | undefined;
}

/** Alternatives per field, all fields must hold: what `filterTags` makes of a filter. */
export type TagGroups = readonly (readonly string[])[];

/**
 * An inverted index that stays exact while texts come and go: after any sequence of adds and removes it scores like a
 * fresh index over what is left. BM25 as Lucene does it (Robertson & Zaragoza 2009; Lucene's idf, which is never negative).
 */
export interface LexicalIndex {
  readonly size: number;
  /** A known key is replaced. */
  add(key: string, text: string, tags?: readonly string[]): void;
  remove(key: string): boolean;
  /** Best first, equal scores by key. Only texts that share a term with the query, and that have a tag of each group. */
  search(query: string, topK: number, groups?: TagGroups): { key: string; score: number }[];
}

const MOST_DEAD_SLOTS = 1024;

export function createLexicalIndex(analyze: Analyzer, { k1 = 1.2, b = 0.75 }: Bm25Parameters = {}): LexicalIndex {
  if (!(k1 >= 0) || !Number.isFinite(k1)) throw new ResiftError('invalid_input', `Expected k1 to be a number of 0 or more, got ${k1}.`);
  if (!(b >= 0 && b <= 1)) throw new ResiftError('invalid_input', `Expected b to be a number from 0 to 1, got ${b}.`);

  const terms = new Map<string, Postings>();
  const tagged = new Map<string, Postings>();
  const slots = new Map<string, number>();
  let keys: (string | undefined)[] = [];
  let lengths: number[] = [];
  let totalLength = 0;
  let removals = 0;
  const alive = (slot: number) => keys[slot] !== undefined;

  function find(lists: Map<string, Postings>, name: string): Postings | undefined {
    const postings = lists.get(name);
    if (postings && postings.cleanAt !== removals) purge(postings, alive, removals);
    return postings;
  }

  /** One more occurrence of a term in a text; the texts come one after another. */
  function append(lists: Map<string, Postings>, name: string, slot: number) {
    let postings = lists.get(name);
    if (!postings) {
      postings = createPostings(removals);
      lists.set(name, postings);
    }
    if (postings.length > 0 && postings.slots[postings.length - 1] === slot) postings.counts[postings.length - 1]! += 1;
    else appendPosting(postings, slot, 1);
  }

  /** Gives the slots of removed texts back once they are the greater part. */
  function compact() {
    const moved = new Int32Array(keys.length).fill(-1);
    let next = 0;
    for (const [slot, key] of keys.entries()) if (key !== undefined) moved[slot] = next++;
    for (const lists of [terms, tagged]) {
      for (const [name, postings] of lists) {
        renumber(postings, moved, removals);
        if (postings.length === 0) lists.delete(name);
      }
    }
    lengths = lengths.filter((_, slot) => moved[slot] !== -1);
    keys = keys.filter((key) => key !== undefined);
    for (const [slot, key] of keys.entries()) slots.set(key!, slot);
  }

  function remove(key: string): boolean {
    const slot = slots.get(key);
    if (slot === undefined) return false;
    slots.delete(key);
    keys[slot] = undefined;
    totalLength -= lengths[slot]!;
    removals += 1;
    if (keys.length > 2 * slots.size + MOST_DEAD_SLOTS) compact();
    return true;
  }

  /** One byte per slot: 1 where every group has a tag of the text. */
  function allowed(groups: TagGroups): Uint8Array {
    const passed = new Uint8Array(keys.length);
    groups.forEach((group, index) => {
      for (const tag of group) {
        const postings = find(tagged, tag);
        for (let i = 0; postings && i < postings.length; i++) {
          const slot = postings.slots[i]!;
          if (passed[slot] === index) passed[slot] = index + 1;
        }
      }
    });
    return passed.map((count) => (count === groups.length ? 1 : 0));
  }

  return {
    get size() {
      return slots.size;
    },
    add(key, text, tags = []) {
      remove(key);
      const slot = keys.length;
      const found = analyze(text);
      for (const term of found) append(terms, term, slot);
      for (const tag of tags) append(tagged, tag, slot);
      keys.push(key);
      lengths.push(found.length);
      slots.set(key, slot);
      totalLength += found.length;
    },
    remove,
    search(query, topK, groups) {
      const count = slots.size;
      if (count === 0 || topK <= 0) return [];
      const filter = groups && groups.length > 0 ? allowed(groups) : undefined;
      const averageLength = totalLength / count;
      const scores = new Float64Array(keys.length);
      for (const term of analyze(query)) {
        const postings = find(terms, term);
        if (!postings) continue;
        const idf = Math.log(1 + (count - postings.length + 0.5) / (postings.length + 0.5));
        for (let i = 0; i < postings.length; i++) {
          const slot = postings.slots[i]!;
          if (filter && filter[slot] === 0) continue;
          const frequency = postings.counts[i]!;
          scores[slot]! += (idf * frequency) / (frequency + k1 * (1 - b + (b * lengths[slot]!) / averageLength));
        }
      }
      return bestOf(scores, topK, (slot) => keys[slot]!);
    },
  };
}
