import { ResiftError } from '@resift/core';
import type { Spelling, WordSpeller } from './word-speller.ts';

export interface BytePairsOptions {
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Pairs of pieces, the first to be joined first. */
  readonly merges: readonly (readonly [left: string, right: string])[];
  /** Take a word that is in the vocabulary as it is. */
  readonly ignoreMerges: boolean;
}

/** Byte-level BPE (Sennrich et al. 2016, Radford et al. 2019): a word's UTF-8 bytes, joined pair by pair in the order of the merges. */
export function createBytePairs({ vocabulary, merges, ignoreMerges }: BytePairsOptions): WordSpeller {
  const size = Math.max(...vocabulary.values()) + 1;
  const idOf = (piece: string): number => {
    const id = vocabulary.get(piece);
    if (id !== undefined) return id;
    throw new ResiftError('corrupt', `The merges in tokenizer.json name ${JSON.stringify(piece)}, which is not in its vocabulary.`);
  };
  /** left * size + right -> rank, and by rank the joined piece. */
  const ranks = new Map<number, number>();
  const joined = merges.map(([left, right], rank) => {
    ranks.set(idOf(left) * size + idOf(right), rank);
    return idOf(left + right);
  });
  const bytes = byteLetters().map((letter) => vocabulary.get(letter));
  const encoder = new TextEncoder();

  return (word) => {
    const utf8 = encoder.encode(word);
    const units = unitOfByte(word, utf8);
    if (ignoreMerges) {
      const whole = vocabulary.get(Array.from(utf8, (byte) => byteLetters()[byte]!).join(''));
      if (whole !== undefined) return { ids: [whole], bounds: [0, word.length] };
    }
    // A byte that the vocabulary lacks is left out, as Hugging Face's does without an unknown token.
    const kept = Array.from(utf8.keys()).filter((i) => bytes[utf8[i]!] !== undefined);
    const parts = merged(
      Int32Array.from(kept, (i) => bytes[utf8[i]!]!),
      (left, right) => ranks.get(left * size + right),
      joined,
    );
    return spelled(parts, kept, units, utf8);
  };
}

interface Parts {
  readonly ids: readonly number[];
  /** Position, in the symbols given, of each part's first and of the last one's end. */
  readonly starts: readonly number[];
}

/** Joins the pair of the lowest rank, the leftmost first, until there is none. */
function merged(symbols: Int32Array, rankOf: (left: number, right: number) => number | undefined, joined: readonly number[]): Parts {
  const count = symbols.length;
  const next = Int32Array.from(symbols, (_, i) => i + 1);
  const previous = Int32Array.from(symbols, (_, i) => i - 1);
  const dead = new Uint8Array(count);
  const queue = createHeap();
  const offer = (left: number) => {
    const right = next[left]!;
    const rank = left >= 0 && right < count ? rankOf(symbols[left]!, symbols[right]!) : undefined;
    if (rank !== undefined) queue.push(rank, left);
  };
  for (let i = 0; i < count; i += 1) offer(i);
  for (let top = queue.pop(); top; top = queue.pop()) {
    const [rank, left] = top;
    const right = next[left]!;
    // Joined meanwhile, or with something else.
    if (dead[left] || right >= count || rankOf(symbols[left]!, symbols[right]!) !== rank) continue;
    symbols[left] = joined[rank]!;
    dead[right] = 1;
    next[left] = next[right]!;
    if (next[left]! < count) previous[next[left]!] = left;
    if (previous[left]! >= 0) offer(previous[left]!);
    offer(left);
  }
  const starts = Array.from(symbols.keys()).filter((i) => !dead[i]);
  return { ids: starts.map((i) => symbols[i]!), starts: [...starts, count] };
}

/** Pairs of (rank, position), the smallest first. */
function createHeap() {
  const heap: (readonly [rank: number, position: number])[] = [];
  const before = (a: number, b: number) => heap[a]![0] - heap[b]![0] || heap[a]![1] - heap[b]![1];
  const swap = (a: number, b: number) => ([heap[a], heap[b]] = [heap[b]!, heap[a]!]);
  return {
    push(rank: number, position: number) {
      heap.push([rank, position]);
      for (let at = heap.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1;
        if (before(parent, at) <= 0) return;
        swap(parent, at);
        at = parent;
      }
    },
    pop() {
      const top = heap[0];
      const last = heap.pop();
      if (heap.length === 0 || !last) return top;
      heap[0] = last;
      for (let at = 0; ; ) {
        const left = 2 * at + 1;
        if (left >= heap.length) return top;
        const least = left + 1 < heap.length && before(left + 1, left) < 0 ? left + 1 : left;
        if (before(at, least) <= 0) return top;
        swap(at, least);
        at = least;
      }
    },
  };
}

function spelled({ ids, starts }: Parts, kept: readonly number[], units: Int32Array, utf8: Uint8Array): Spelling {
  const bounds = ids.flatMap((_, i) => {
    const lastByte = kept[starts[i + 1]! - 1]!;
    let end = lastByte + 1;
    while (end < utf8.length && (utf8[end]! & 0xc0) === 0x80) end += 1; // the whole character counts
    return [units[kept[starts[i]!]!]!, units[end]!];
  });
  return { ids, bounds };
}

/** Which UTF-16 unit the character of each byte begins at; one entry more for the end. */
function unitOfByte(word: string, utf8: Uint8Array): Int32Array {
  const units = new Int32Array(utf8.length + 1);
  let unit = 0;
  let width = 0;
  for (let i = 0; i < utf8.length; i += 1) {
    const continues = (utf8[i]! & 0xc0) === 0x80;
    if (!continues) {
      unit += width;
      width = utf8[i]! >= 0xf0 ? 2 : 1;
    }
    units[i] = unit;
  }
  units[utf8.length] = word.length;
  return units;
}

let letters: readonly string[] | undefined;

/** The letter that stands for each byte: printable ones for themselves, the others from U+0100 on. */
function byteLetters(): readonly string[] {
  if (letters) return letters;
  let next = 0x100;
  letters = Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCodePoint(printable ? byte : next++);
  });
  return letters;
}
