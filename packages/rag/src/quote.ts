import type { Passage } from '@resift/core';
import type { Citation } from './generator.ts';
import { type Range, sentences } from './sentences.ts';
import { contentWords } from './words.ts';

/** A second sentence joins the quote if it carries at least this share of the statement that the first does not. */
const WORTH_JOINING = 0.25;

/**
 * The sentence or two neighbouring sentences of a passage that say most of a statement, by the words they share; words that are
 * rare in the passage count more. Where they share none, the whole passage: that is what was cited.
 */
export function bestSupport(statement: string, text: string): Range {
  const ranges = sentences(text);
  const whole = ranges.length > 0 ? { start: ranges[0]!.start, end: ranges.at(-1)!.end } : { start: 0, end: text.length };
  const bags = ranges.map(({ start, end }) => new Set(contentWords(text.slice(start, end))));
  const wanted = [...new Set(contentWords(statement))];
  const weight = (word: string) => Math.log(1 + bags.length / bags.filter((bag) => bag.has(word)).length);
  const known = wanted.filter((word) => bags.some((bag) => bag.has(word)));
  if (known.length === 0) return whole;

  const total = known.reduce((sum, word) => sum + weight(word), 0);
  const covered = (...some: (Set<string> | undefined)[]) =>
    known.filter((word) => some.some((bag) => bag?.has(word))).reduce((sum, word) => sum + weight(word), 0) / total;
  // Among equals the shorter sentence says the same in fewer words.
  const worth = bags.map((bag) => covered(bag) - 0.002 * bag.size);
  const best = worth.indexOf(Math.max(...worth));
  const neighbours = [best - 1, best + 1]
    .filter((i) => i in bags)
    .map((i) => ({ i, gain: covered(bags[best], bags[i]) - covered(bags[best]) }));
  const second = neighbours.toSorted((a, b) => b.gain - a.gain)[0];
  const both = second && second.gain >= WORTH_JOINING ? [Math.min(best, second.i), Math.max(best, second.i)] : [best, best];
  return { start: ranges[both[0]!]!.start, end: ranges[both[1]!]!.end };
}

/** A citation of `range` of a passage, in the offsets of its document. */
export function quoteOf(passage: Passage, range: Range, answer: Range): Citation {
  return {
    source: passage.id,
    start: answer.start,
    end: answer.end,
    quote: passage.text.slice(range.start, range.end),
    quoteStart: passage.start + range.start,
    quoteEnd: passage.start + range.end,
  };
}
