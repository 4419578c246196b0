import type { Tokenizer } from '@resift/core';
import { renderSource } from './prompt.ts';
import type { Source } from './source.ts';
import { allWords } from './words.ts';

/** `best-first`, or the best at both ends and the weakest in the middle, where long-context models read least (Liu et al. 2023). */
export type PackingOrder = 'best-first' | 'lost-in-the-middle';

export interface PackOptions {
  /** Most passages. */
  readonly topN: number;
  /** Most tokens of all passages together, labels included. */
  readonly contextTokens: number;
  /** Passages whose calibrated probability is below it stay out. It never applies to scores that are no probabilities. Default 0. */
  readonly scoreFloor?: number | undefined;
  /** Default `best-first`. */
  readonly order?: PackingOrder | undefined;
}

export interface Packed {
  /** In the order the generator shall see them. */
  readonly sources: readonly Source[];
  readonly tokens: number;
  /** Better-ranked passages that are not among `sources`, and why. */
  readonly leftOut: { readonly floor: number; readonly duplicate: number; readonly tooLong: number };
}

/** Takes passages in rank order while they fit. None is split: one that does not fit is left out whole, and the next may still fit. */
export function packContext(results: readonly Source[], tokenizer: Tokenizer, options: PackOptions): Packed {
  const { topN, contextTokens, scoreFloor = 0, order = 'best-first' } = options;
  const taken: Source[] = [];
  const leftOut = { floor: 0, duplicate: 0, tooLong: 0 };
  let tokens = 0;

  for (const source of results) {
    if (taken.length === topN) break;
    if (source.scale === 'probability' && source.score !== undefined && source.score < scoreFloor) {
      leftOut.floor += 1;
      continue;
    }
    if (taken.some((other) => repeats(source, other))) {
      leftOut.duplicate += 1;
      continue;
    }
    const cost = tokenizer.count(renderSource(source, taken.length + 1));
    if (tokens + cost > contextTokens) {
      leftOut.tooLong += 1;
      continue;
    }
    taken.push(source);
    tokens += cost;
  }
  return { sources: order === 'best-first' ? taken : bestAtBothEnds(taken), tokens, leftOut };
}

/** The same words under another id, or a piece of a document that lies inside one already taken. */
function repeats({ passage: a }: Source, { passage: b }: Source): boolean {
  if (a.id === b.id || wordsOf(a) === wordsOf(b)) return true;
  return a.documentId === b.documentId && a.start >= b.start && a.end <= b.end;
}

const known = new WeakMap<object, string>();

function wordsOf(passage: Source['passage']): string {
  const words = known.get(passage) ?? allWords(passage.text).join(' ');
  known.set(passage, words);
  return words || passage.text;
}

function bestAtBothEnds(sources: readonly Source[]): Source[] {
  const front = sources.filter((_, i) => i % 2 === 0);
  const back = sources.filter((_, i) => i % 2 === 1);
  return [...front, ...back.reverse()];
}
