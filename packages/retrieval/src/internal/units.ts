import type { Tokenizer } from '@resift/core';
import { graphemeWindows } from './graphemes.ts';
import { sentencesOf } from './sentences.ts';

export type TextKind = 'text' | 'markdown' | 'code';

/** The smallest piece that a chunk is made of: a sentence, or a part of one that is too long. No white space at its edges. */
export interface Unit {
  readonly start: number;
  readonly end: number;
  readonly tokens: number;
  /** How good a place to break its beginning is: 3 heading, 2 paragraph, 1.25 line, 1 sentence, 0 word, -1 never if avoidable (after a heading). */
  readonly strength: number;
}

export const HEADING = 3;
const PARAGRAPH = 2;
const DECLARATION = 1.75;
const LINE = 1.25;
const SENTENCE = 1;
const WORD = 0;
const GLUED = -1;

const LONGEST_UNIT = 2_000;
const LONGEST_WORD = 64;
const LONGEST_HEADING = 200;

/** Reads a text line by line and gives its units, each in bounded time. */
export function* unitsOf(
  text: string,
  { tokenizer, maxTokens, kind }: { tokenizer: Tokenizer; maxTokens: number; kind: TextKind },
): Generator<Unit, void, undefined> {
  let strength = HEADING;
  let fenced = false;
  for (let at = 0; at < text.length; ) {
    const found = text.indexOf('\n', at);
    const end = found === -1 ? text.length : found;
    const line = trimmed(text, at, end);
    const indented = line.start > at;
    at = end + 1;
    if (line.start === line.end) {
      // A blank line never separates a heading from its text.
      if (strength !== GLUED && !(fenced && kind !== 'code')) strength = Math.max(strength, PARAGRAPH);
      continue;
    }
    const first = text.slice(line.start, Math.min(line.end, line.start + LONGEST_HEADING + 1));
    if (/^(```|~~~)/.test(first)) fenced = !fenced;
    const heading = kind !== 'code' && !fenced && isHeading(first);
    let here = strength;
    if (strength !== GLUED) here = heading ? HEADING : lineStrength(strength, kind, fenced, indented, first);

    const sentences = kind === 'code' || heading || fenced ? [line] : sentencesOf(text, line.start, line.end);
    for (const sentence of sentences) {
      yield* fitting(text, sentence, here, { tokenizer, maxTokens });
      here = SENTENCE;
    }
    strength = heading ? GLUED : WORD;
  }
}

function lineStrength(before: number, kind: TextKind, fenced: boolean, indented: boolean, line: string): number {
  if (before >= HEADING) return before;
  if (kind !== 'code') return Math.max(before, fenced ? SENTENCE : LINE);
  const outermost = !indented && !/^[})\]]/.test(line);
  const blankBefore = before === PARAGRAPH;
  return outermost ? (blankBefore ? PARAGRAPH : DECLARATION) : blankBefore ? LINE : SENTENCE;
}

function isHeading(line: string): boolean {
  return line.length <= LONGEST_HEADING && /^#{1,6}\s+\S/.test(line);
}

/** A sentence as one unit where it fits, else as words, else as runs of characters. */
function* fitting(
  text: string,
  { start, end }: { start: number; end: number },
  strength: number,
  { tokenizer, maxTokens }: { tokenizer: Tokenizer; maxTokens: number },
): Generator<Unit, void, undefined> {
  if (end - start <= LONGEST_UNIT) {
    const tokens = tokenizer.count(text.slice(start, end));
    if (tokens <= maxTokens) {
      yield { start, end, tokens, strength };
      return;
    }
  }
  let here = strength;
  for (const word of wordsOf(text, start, end)) {
    const whole = word.end - word.start <= LONGEST_WORD ? tokenizer.count(text.slice(word.start, word.end)) : Number.POSITIVE_INFINITY;
    if (whole <= maxTokens) {
      yield { ...word, tokens: whole, strength: here };
      here = WORD;
      continue;
    }
    // Windows of a few characters where even 64 characters are too many tokens.
    for (const piece of graphemeWindows(text, word.start, word.end, Math.min(LONGEST_WORD, Math.max(1, maxTokens)))) {
      yield { ...piece, tokens: tokenizer.count(text.slice(piece.start, piece.end)), strength: here };
      here = WORD;
    }
  }
}

function* wordsOf(text: string, start: number, end: number): Generator<{ start: number; end: number }, void, undefined> {
  const word = /\S+/g;
  const part = text.slice(start, end);
  for (let found = word.exec(part); found; found = word.exec(part)) {
    yield { start: start + found.index, end: start + found.index + found[0].length };
  }
}

function trimmed(text: string, start: number, end: number): { start: number; end: number } {
  let from = start;
  let to = end;
  while (from < to && isSpace(text.charCodeAt(from))) from += 1;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to -= 1;
  return { start: from, end: to };
}

function isSpace(code: number): boolean {
  return (
    code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || code === 0x3000 || code === 0xfeff || (code >= 0x2000 && code <= 0x200a)
  );
}
