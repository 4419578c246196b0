import type { Passage } from '@resift/core';
import { bestSupport } from './quote.ts';
import { type Range, sentences, trimmed } from './sentences.ts';
import { allWords, contentWords } from './words.ts';

export interface ExtractedAnswer extends Range {
  /** At most the words asked for. `[start, end)` in it is the quote, with white space collapsed. */
  readonly text: string;
  /** In the passage's text. */
  readonly quote: Range;
}

/**
 * Makes an answer that reads well and holds the span: its sentence (a long one is cut to the words around the span), after the title
 * where the sentence does not name it. Without a span (the title itself is the answer) the sentence that fits the question best.
 */
export function answerSentence(passage: Passage, span: Range | undefined, question: string, maxWords: number): ExtractedAnswer {
  const { text } = passage;
  const around = span ? sentencesOf(text, span) : bestSupport(question, text);
  const title = usefulTitle(passage, text.slice(around.start, around.end), !span, maxWords);
  const room = maxWords - (title ? title.split(/\s+/).length : 0);
  const quote = cut(text, around, span ?? { start: around.start, end: around.start }, room);

  const before = quote.start > around.start ? '… ' : '';
  const after = quote.end < around.end ? ' …' : '';
  const words = collapse(text.slice(quote.start, quote.end));
  const lead = `${title ? `${title}: ` : ''}${before}`;
  return { text: `${lead}${words}${after}`, start: lead.length, end: lead.length + words.length, quote };
}

/** From the start of the sentence in which the span begins to the end of that in which it ends. */
function sentencesOf(text: string, span: Range): Range {
  const touched = sentences(text).filter(({ start, end }) => start < span.end && end > span.start);
  if (touched.length === 0) return trimmed(text, span);
  return { start: Math.min(span.start, touched[0]!.start), end: Math.max(span.end, touched.at(-1)!.end) };
}

/** The title, unless the sentence names it, it is only the name of a file, or there is no room; always where it is the answer. */
function usefulTitle(passage: Passage, sentence: string, isAnswer: boolean, maxWords: number): string | undefined {
  const title = collapse(passage.title ?? '').replace(/[\s:.]+$/, '');
  if (title === '') return undefined;
  if (names(sentence, title.replace(/\s*\([^)]*\)$/, ''))) return undefined;
  if (isAnswer)
    return title
      .split(' ')
      .slice(0, maxWords - 4)
      .join(' ');
  const isFile = /\.[a-z0-9]{1,5}$/i.test(title) || /^\w+:\/\//.test(title);
  return isFile || title.split(' ').length > Math.min(12, maxWords / 3) ? undefined : title;
}

/** A short title must stand there as it is ("a mask" does not name The Mask); of a long one all its words suffice. */
function names(sentence: string, title: string): boolean {
  const words = contentWords(title);
  if (words.length < 3) return ` ${allWords(sentence).join(' ')} `.includes(` ${allWords(title).join(' ')} `);
  const said = new Set(contentWords(sentence));
  return words.every((word) => said.has(word));
}

/** The part of a range of at most `most` words that holds the span, whole words, as much after it as before it. */
function cut(text: string, around: Range, span: Range, most: number): Range {
  const words = [...text.slice(around.start, around.end).matchAll(/\S+/g)].map((word) => ({
    start: around.start + word.index,
    end: around.start + word.index + word[0].length,
  }));
  if (words.length <= most) return trimmed(text, around);
  const inside = words.flatMap((word, i) => (word.start < Math.max(span.end, span.start + 1) && word.end > span.start ? [i] : []));
  let first = inside[0] ?? 0;
  let last = Math.min(inside.at(-1) ?? first, first + most - 1);
  while (last - first + 1 < most) {
    if (last + 1 < words.length) last += 1;
    if (last - first + 1 < most && first > 0) first -= 1;
  }
  return { start: words[first]!.start, end: words[last]!.end };
}

function collapse(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
