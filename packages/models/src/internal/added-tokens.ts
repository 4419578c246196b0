import { type Aligned, partOf } from './aligned.ts';

/** One entry of `added_tokens` in tokenizer.json. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly single_word: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
}

/** A stretch of text, or a token that was written out in it. */
export type Section = { readonly text: Aligned; readonly id?: undefined } | { readonly id: number; readonly text: Aligned };

/** Cuts a text at the tokens that stand in it, the leftmost and longest first. */
export function sectionsAt(tokens: readonly AddedToken[]): (text: Aligned) => Iterable<Section> {
  const known = new Map(tokens.filter(({ content }) => content !== '').map((token) => [token.content, token]));
  if (known.size === 0) return (text) => (text.text === '' ? [] : [{ text }]);
  const names = [...known.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(names.map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|'), 'gu');

  return function* (source) {
    const { text } = source;
    let done = 0;
    for (const { 0: match, index } of text.matchAll(pattern)) {
      const token = known.get(match)!;
      let start = index;
      let end = index + match.length;
      if (token.single_word && (WORD_BEFORE.test(text.slice(0, start)) || WORD_AFTER.test(text.slice(end)))) continue;
      if (token.lstrip) while (start > done && WHITE_SPACE.test(text[start - 1]!)) start -= 1;
      if (token.rstrip) while (end < text.length && WHITE_SPACE.test(text[end]!)) end += 1;
      if (start > done) yield { text: partOf(source, done, start) };
      yield { id: token.id, text: partOf(source, start, end) };
      done = end;
    }
    if (done < text.length) yield { text: partOf(source, done, text.length) };
  };
}

const WHITE_SPACE = /\p{White_Space}/u;
const WORD = '[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]';
const WORD_BEFORE = new RegExp(`${WORD}$`, 'u');
const WORD_AFTER = new RegExp(`^${WORD}`, 'u');
