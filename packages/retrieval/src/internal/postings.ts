/** The texts that hold one term: slot and number of occurrences, in the order in which the texts came. */
export interface Postings {
  slots: Uint32Array;
  counts: Uint32Array;
  length: number;
  /** The number of removals when this list was last cleaned of removed texts. */
  cleanAt: number;
}

export function createPostings(cleanAt: number): Postings {
  return { slots: new Uint32Array(2), counts: new Uint32Array(2), length: 0, cleanAt };
}

export function appendPosting(postings: Postings, slot: number, count: number): void {
  if (postings.length === postings.slots.length) {
    postings.slots = grown(postings.slots);
    postings.counts = grown(postings.counts);
  }
  postings.slots[postings.length] = slot;
  postings.counts[postings.length] = count;
  postings.length += 1;
}

/** Drops the entries of removed texts, in place. */
export function purge(postings: Postings, alive: (slot: number) => boolean, cleanAt: number): void {
  let kept = 0;
  for (let i = 0; i < postings.length; i++) {
    const slot = postings.slots[i]!;
    if (!alive(slot)) continue;
    postings.slots[kept] = slot;
    postings.counts[kept] = postings.counts[i]!;
    kept += 1;
  }
  postings.length = kept;
  postings.cleanAt = cleanAt;
}

/** Moves every entry to `moved[slot]`; entries that moved to -1 are dropped. */
export function renumber(postings: Postings, moved: Int32Array, cleanAt: number): void {
  purge(postings, (slot) => moved[slot] !== -1, cleanAt);
  for (let i = 0; i < postings.length; i++) postings.slots[i] = moved[postings.slots[i]!]!;
}

function grown(values: Uint32Array): Uint32Array {
  const larger = new Uint32Array(values.length * 2);
  larger.set(values);
  return larger;
}
