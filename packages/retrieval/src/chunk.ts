import { ResiftError, type Tokenizer } from '@resift/core';
import { HEADING, type TextKind, type Unit, unitsOf } from './internal/units.ts';

export interface ChunkOptions {
  readonly tokenizer: Tokenizer;
  /** Most tokens of a chunk, special tokens not counted. Default 224. */
  readonly maxTokens?: number | undefined;
  /** About how many tokens of whole sentences a chunk repeats from the one before it. Default 24; never across a heading. */
  readonly overlapTokens?: number | undefined;
  /** `text` (default) and `markdown` break at headings, paragraphs, sentences; `code` at blank lines and at the outermost indentation. */
  readonly kind?: TextKind | undefined;
}

/** `text === source.slice(start, end)`, in UTF-16 code units. */
export interface Chunk {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A chunk is never longer than this many characters per token, so that a line of a million dashes is cut too. */
const CHARACTERS_PER_TOKEN = 16;
/** A chunk is at least this full before a better place to break is preferred to a fuller chunk. */
const LEAST_FILL = 0.5;
const SMALL_TAIL = 0.25;

/**
 * Cuts a text into chunks of whole sentences and paragraphs, each within the token budget. A heading stays with what follows;
 * a sentence is cut only where it alone is too long, a word only likewise, and a character (grapheme) never, up to 4,096 code units.
 * White space at the edges belongs to no chunk; a text of only white space has none.
 */
export function chunk(text: string, options: ChunkOptions): Chunk[] {
  return [...chunkSteps(text, options)];
}

/** The same, chunk by chunk: each step takes a bounded time, so that a caller can let the event loop breathe in between. */
export function* chunkSteps(text: string, options: ChunkOptions): Generator<Chunk, void, undefined> {
  const { tokenizer, maxTokens = 224, overlapTokens = Math.min(24, Math.floor(maxTokens / 8)), kind = 'text' } = options;
  if (!Number.isInteger(maxTokens) || maxTokens < 1) {
    throw new ResiftError('invalid_input', `Expected maxTokens to be a whole number of 1 or more, got ${maxTokens}.`);
  }
  if (!Number.isInteger(overlapTokens) || overlapTokens < 0 || overlapTokens >= maxTokens) {
    throw new ResiftError(
      'invalid_input',
      `Expected overlapTokens to be a whole number from 0 to below maxTokens (${maxTokens}), got ${overlapTokens}.`,
    );
  }
  const maxCharacters = maxTokens * CHARACTERS_PER_TOKEN;
  const units = unitsOf(text, { tokenizer, maxTokens, kind });
  const waiting: Unit[] = [];
  let tokens = 0;
  let emittedTo = 0;
  let finished = false;

  for (;;) {
    while (!finished && tokens <= maxTokens && !spans(waiting, maxCharacters)) {
      const next = units.next();
      if (next.done) finished = true;
      else {
        waiting.push(next.value);
        tokens += next.value.tokens;
      }
    }
    const whole = waiting.length > 0 && tokens <= maxTokens && !spans(waiting, maxCharacters);
    if (waiting.length === 0) return;

    let cut = whole ? waiting.length : chooseCut(waiting, maxTokens, maxCharacters, finished);
    let piece = slice(text, waiting, cut);
    // Tokens of parts need not add up to those of the whole.
    while (cut > 1 && tokenizer.count(piece.text) > maxTokens) piece = slice(text, waiting, --cut);
    if (piece.end > emittedTo) yield piece;
    emittedTo = piece.end;
    if (finished && cut === waiting.length) return;

    const kept = overlapStart(waiting, cut, overlapTokens);
    waiting.splice(0, kept);
    tokens = waiting.reduce((sum, unit) => sum + unit.tokens, 0);
  }
}

function spans(units: readonly Unit[], maxCharacters: number): boolean {
  return units.length > 1 && units.at(-1)!.end - units[0]!.start > maxCharacters;
}

/** The number of units of the next chunk: the best place to break among those that leave it full enough. */
function chooseCut(units: readonly Unit[], maxTokens: number, maxCharacters: number, last: boolean): number {
  let best = 1;
  let bestValue = Number.NEGATIVE_INFINITY;
  let filled = 0;
  const total = units.reduce((sum, unit) => sum + unit.tokens, 0);
  for (let cut = 1; cut < units.length; cut++) {
    filled += units[cut - 1]!.tokens;
    if (filled > maxTokens || units[cut - 1]!.end - units[0]!.start > maxCharacters) break;
    const fill = filled / maxTokens;
    const tail = last && total - filled < SMALL_TAIL * maxTokens ? 0.25 : 0;
    const value = fill < LEAST_FILL ? fill - 10 + (units[cut]!.strength < 0 ? -10 : 0) : units[cut]!.strength + fill - tail;
    if (value >= bestValue) {
      best = cut;
      bestValue = value;
    }
  }
  return best;
}

/** Where the next chunk begins: back by whole sentences within the overlap, but past the beginning of this chunk. */
function overlapStart(units: readonly Unit[], cut: number, overlapTokens: number): number {
  const next = units[cut];
  if (!next || next.strength >= HEADING) return cut;
  let start = cut;
  let tokens = 0;
  for (let i = cut - 1; i > 0; i--) {
    tokens += units[i]!.tokens;
    if (tokens > overlapTokens) break;
    if (units[i]!.strength >= HEADING) break;
    if (units[i]!.strength >= 1 || next.strength < 1) start = i;
  }
  return start;
}

function slice(text: string, units: readonly Unit[], cut: number): Chunk {
  const start = units[0]!.start;
  const end = units[cut - 1]!.end;
  return { start, end, text: text.slice(start, end) };
}
