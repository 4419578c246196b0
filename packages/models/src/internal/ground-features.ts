import type { Lexicon } from '../lexicon.ts';
import { terms } from './terms.ts';

/** A context, taken apart once for all claims about it. */
export interface Evidence {
  readonly terms: ReadonlySet<string>;
  readonly pairs: ReadonlySet<string>;
  /** The terms of each sentence. */
  readonly sentences: readonly ReadonlySet<string>[];
}

const SENTENCE_END = /[.!?]["')\]]*[ \t\r\n]+|[\r\n]+/g;
const CAPITALIZED = /[A-Z][\p{L}\p{N}]*/gu;
const NEGATIONS = ['not', 'no', 'never', 'none', 'nor', 'neither', 'without', 'cannot', 't'];

/** Takes a context apart. */
export function evidenceOf(context: string): Evidence {
  const found = terms(context);
  return {
    terms: new Set(found),
    pairs: new Set(pairsOf(found)),
    sentences: sentencesOf(context).map((sentence) => new Set(terms(sentence))),
  };
}

/** Section 2 of FEATURES-GROUND.md: what words alone say of a claim. */
export function lexicalFeatures(claim: string, evidence: Evidence, lexicon: Lexicon): Record<string, number> {
  const own = terms(claim);
  const wanted = new Set(own);
  let best = -1;
  let bestSentence: ReadonlySet<string> = new Set();
  for (const sentence of evidence.sentences) {
    const value = share(wanted, sentence, lexicon);
    if (value > best) [best, bestSentence] = [value, sentence];
  }
  const pairs = pairsOf(own);
  const numbers = [...wanted].filter((term) => /[0-9]/.test(term));
  const capitalized = (claim.match(CAPITALIZED) ?? []).slice(/^[A-Z]/.test(claim) ? 1 : 0);
  const names = [...new Set(capitalized.flatMap(terms))];
  const negated = (among: ReadonlySet<string>) => NEGATIONS.some((term) => among.has(term));
  return {
    overlap: share(wanted, evidence.terms, lexicon),
    sentence: Math.max(best, 0),
    pairs: partOf(pairs, evidence.pairs, 0),
    numbers: partOf(numbers, evidence.terms, 1),
    names: partOf(names, evidence.terms, 1),
    negation: negated(wanted) === negated(bestSentence) ? 0 : 1,
    length: Math.log(1 + own.length),
  };
}

/** The idf of the wanted terms that are found, over that of all wanted; 0 where none is wanted. */
export function share(wanted: ReadonlySet<string>, found: ReadonlySet<string>, { documents, df }: Lexicon): number {
  let [total, reached] = [0, 0];
  for (const term of wanted) {
    const idf = Math.log(1 + (documents - df(term) + 0.5) / (df(term) + 0.5));
    total += idf;
    if (found.has(term)) reached += idf;
  }
  return total > 0 ? reached / total : 0;
}

function partOf(wanted: readonly string[], found: ReadonlySet<string>, without: number) {
  return wanted.length === 0 ? without : wanted.filter((each) => found.has(each)).length / wanted.length;
}

function pairsOf(list: readonly string[]) {
  return list.slice(1).map((term, i) => `${list[i]} ${term}`);
}

function sentencesOf(text: string) {
  const pieces: string[] = [];
  let start = 0;
  for (const match of text.matchAll(SENTENCE_END)) {
    const end = match.index + match[0].length;
    pieces.push(text.slice(start, end));
    start = end;
  }
  return [...pieces, text.slice(start)];
}
