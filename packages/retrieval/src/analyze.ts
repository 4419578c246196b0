import { stemEnglish } from './internal/stem-english.ts';

export interface AnalyzerOptions {
  /** `english` (default) applies Porter's stemmer (Porter 1980); `none` keeps the words as they are, for every other language. */
  readonly stemming?: 'english' | 'none' | undefined;
  /** Words that are not indexed. Default: Lucene's 33 English stop words; `none` indexes every word. */
  readonly stopWords?: 'english' | 'none' | readonly string[] | undefined;
}

/** Turns a text into index terms. The same analyzer must see the documents and the queries. */
export type Analyzer = (text: string) => string[];

const ENGLISH =
  'a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with'.split(
    ' ',
  );
const WORD = /[\p{L}\p{N}\p{M}]+(?:['’]\p{L}+)?/gu;
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const ASCII = /^[\0-\x7f]*$/;
const ASCII_WORD = /[a-z0-9]+(?:'[a-z]+)?/g;
const LATIN_WITH_MARKS = /^(?=.*\p{M})[\p{Script=Latin}\p{N}\p{M}]+$/u;
const LONGEST_TERM = 64;
const CACHED_WORDS = 100_000;

/**
 * Words are runs of letters and digits, compatibility-normalised, in lower case, Latin ones without accents; scripts that
 * write no spaces (Chinese, Japanese, Thai) give overlapping pairs of characters. Never throws, whatever the text holds.
 */
export function createAnalyzer({ stemming = 'english', stopWords = 'english' }: AnalyzerOptions = {}): Analyzer {
  const stopped = new Set(stopWords === 'english' ? ENGLISH : stopWords === 'none' ? [] : stopWords);
  const known = new Map<string, string>();

  function termOf(found: string): string {
    const word = found.length > LONGEST_TERM ? found.slice(0, LONGEST_TERM) : found;
    const cached = known.get(word);
    if (cached !== undefined) return cached;
    const plain = fold(word);
    const term = stopped.has(plain) ? '' : stemming === 'english' ? stemEnglish(plain) : plain;
    if (known.size >= CACHED_WORDS) known.clear();
    known.set(word, term);
    return term;
  }

  return (text) => {
    // Most text is plain ASCII, and needs neither normalising nor a look at its scripts.
    if (ASCII.test(text)) return (text.toLowerCase().match(ASCII_WORD) ?? []).map(termOf).filter(Boolean);
    const terms: string[] = [];
    for (const word of text.normalize('NFKC').toLowerCase().match(WORD) ?? []) {
      if (UNSPACED.test(word)) terms.push(...pairs(word));
      else terms.push(termOf(word));
    }
    return terms.filter(Boolean);
  };
}

function fold(word: string): string {
  const bare = word.replace(/['’]s$/, '').replace(/['’]/g, '');
  const decomposed = bare.normalize('NFD');
  return LATIN_WITH_MARKS.test(decomposed) ? decomposed.replace(/\p{M}/gu, '') : bare;
}

function pairs(word: string): string[] {
  const characters = [...word];
  if (characters.length === 1) return characters;
  return characters.slice(1).map((character, i) => characters[i]! + character);
}
