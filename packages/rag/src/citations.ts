import type { GeneratedPart } from './generator.ts';
import { bestSupport, quoteOf } from './quote.ts';
import { sentences } from './sentences.ts';
import type { Source } from './source.ts';

export interface CitationReader {
  /** Takes more of a model's text; gives the text without marks, and the citations the marks made. */
  push(text: string): GeneratedPart[];
  end(): GeneratedPart[];
}

/** `[1]`, `[1, 3]`, `[1-3]`, `[Source 2]`; at most three digits, so that "[2019]" stays text. */
const MARK = /^\[\s*(?:sources?\s+)?(\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)\s*\]/i;
const MAYBE_MARK = /^\[\s*(?:s(?:o(?:u(?:r(?:c(?:e(?:s?(?:\s+)?)?)?)?)?)?)?)?[\d\s,;–-]*$/i;
const LONGEST_MARK = 64;

/**
 * Turns a model's citation marks into citations, however the stream cuts them. A mark stands for the sentence it ends; its quote
 * is the part of the source that says most of that sentence. Marks leave the text; numbers that name no source are counted.
 * Inside code spans and code blocks, brackets are code.
 */
export function citationReader(sources: readonly Source[]): CitationReader {
  let held = '';
  let answer = '';
  let ticks = 0;
  const given = new Set<string>();

  function read(ended: boolean): GeneratedPart[] {
    const parts: GeneratedPart[] = [];
    const say = (text: string) => {
      if (text === '') return;
      answer += text;
      // A code span ends at the latest with its paragraph; a code block does not.
      if (ticks < 3 && /\n\s*\n/.test(answer.slice(-text.length - 2))) ticks = 0;
      parts.push({ text });
    };
    for (;;) {
      // White space before a mark goes with it, so it waits for what comes next.
      const special = held.search(/[`[]/);
      const at = held[special] === '`' ? special : held.slice(0, special < 0 ? held.length : special).trimEnd().length;
      say(held.slice(0, at));
      held = held.slice(at);
      if (held === '') return parts;
      if (held[0] === '`') {
        const run = /^`+/.exec(held)![0];
        if (run.length === held.length && !ended) return parts;
        ticks = ticks === 0 ? run.length : ticks === run.length ? 0 : ticks;
        say(run);
        held = held.slice(run.length);
        continue;
      }
      const space = /^\s*/.exec(held)![0];
      const rest = held.slice(space.length);
      const mark = ticks === 0 ? MARK.exec(rest) : null;
      if (mark) {
        held = rest.slice(mark[0].length);
        parts.push(...cite(numbersIn(mark[1]!)));
        continue;
      }
      const undecided = rest === '' || (ticks === 0 && rest.length < LONGEST_MARK && MAYBE_MARK.test(rest));
      if (undecided && !ended) return parts;
      const settled = rest === '' ? space : `${space}[`;
      say(settled);
      held = held.slice(settled.length);
    }
  }

  function cite(numbers: readonly number[]): GeneratedPart[] {
    const statement = lastSentence(answer);
    return numbers.map((number) => {
      const source = sources[number - 1];
      if (!source) return { forgedCitations: 1 };
      if (statement.end === statement.start) return {};
      const range = bestSupport(answer.slice(statement.start, statement.end), source.passage.text);
      const citation = quoteOf(source.passage, range, statement);
      const key = [citation.source, citation.start, citation.end, citation.quoteStart].join();
      if (given.has(key)) return {};
      given.add(key);
      return { citation };
    });
  }

  return {
    push(text) {
      held += text;
      return read(false);
    },
    end: () => read(true),
  };
}

function lastSentence(answer: string) {
  // No sentence of interest is longer; reading only the end keeps a long answer linear.
  const from = Math.max(0, answer.length - 2000);
  const last = sentences(answer.slice(from)).at(-1);
  return last ? { start: from + last.start, end: from + last.end } : { start: answer.length, end: answer.length };
}

/** Numbers and ranges; a range longer than the sources could be is only its ends. */
function numbersIn(inside: string): number[] {
  const found = inside.split(/\s*[,;]\s*/).flatMap((piece) => {
    const [first, last] = piece.split(/\s*[–-]\s*/).map(Number);
    if (last === undefined) return [first!];
    if (last <= first! || last - first! > 20) return [first!, last];
    return Array.from({ length: last - first! + 1 }, (_, i) => first! + i);
  });
  return [...new Set(found)];
}
