import { ResiftError } from '@resift/core';
import { IDEOGRAPH, isPunctuation, kindOf, normalize, REMOVE, SPACE } from './internal/bert-characters.ts';
import { truncateText } from './internal/truncate-text.ts';
import { createWordCache } from './internal/word-cache.ts';
import type { PairTokenizer, Tokens } from './pair-tokenizer.ts';

export type { Tokens } from './pair-tokenizer.ts';

/** The WordPiece tokenizer of BERT (Devlin et al. 2018). Reads no further than `maxTokens` needs. */
export interface WordPiece extends PairTokenizer {
  readonly ids: { readonly cls: number; readonly sep: number; readonly pad: number; readonly unk: number };
}

export interface WordPieceOptions {
  /** How many distinct words to remember. Default 20,000. */
  readonly cacheSize?: number | undefined;
  /** Letters as they are, with their accents. Default false: lower case, accents stripped. */
  readonly cased?: boolean | undefined;
}

/** Longer words are one unknown token, counted in code points after normalisation. */
const LONGEST_WORD = 100;
/** Longer stretches between white space are rare: not worth remembering. */
const LONGEST_CACHED = 40;

interface Piece {
  readonly ids: readonly number[];
  /** Relative to the stretch's own start. */
  readonly offsets: readonly number[];
}

/**
 * Makes a tokenizer of the lines of a `vocab.txt`. Its ids are those of Hugging Face's BertTokenizerFast, which the tests hold
 * it to. Throws `invalid_config` where one of [CLS] [SEP] [PAD] [UNK] is missing.
 */
export function createWordPiece(vocabulary: readonly string[], { cacheSize = 20_000, cased = false }: WordPieceOptions = {}): WordPiece {
  const lookup = pieceLookup(vocabulary, cased);
  const ids = {
    cls: special(lookup.initial, '[CLS]'),
    sep: special(lookup.initial, '[SEP]'),
    pad: special(lookup.initial, '[PAD]'),
    unk: special(lookup.initial, '[UNK]'),
  };
  const cache = createWordCache<Piece>(Math.max(1, cacheSize / 2));

  function pieceOf(stretch: string, enough = Infinity): Piece {
    if (stretch.length > LONGEST_CACHED) return splitStretch(stretch, lookup, ids.unk, enough);
    const known = cache.get(stretch);
    if (known) return known;
    const piece = splitStretch(stretch, lookup, ids.unk, Infinity);
    cache.set(stretch, piece);
    return piece;
  }

  function encode(text: string, { maxTokens = Infinity }: { readonly maxTokens?: number | undefined } = {}): Tokens {
    const found: number[] = [];
    const offsets: number[] = [];
    const put = ({ ids, offsets: places }: Piece, start: number) => {
      for (const id of ids) found.push(id);
      for (const place of places) offsets.push(start + place);
    };
    let at = 0;
    while (at < text.length && found.length <= maxTokens) {
      const start = at;
      const first = ascii(text, at);
      if (first === WORD) {
        do at += 1;
        while (ascii(text, at) === WORD);
        // A word that goes on with something else than plain ASCII is read with the rest of its stretch.
        if (ascii(text, at) !== ELSE) {
          put(pieceOf(text.slice(start, at)), start);
          continue;
        }
      } else if (first === SIGN) {
        at += 1;
        put(pieceOf(text.slice(start, at)), start);
        continue;
      }
      while (at < text.length && kindOf(text.charCodeAt(at)) !== SPACE) at += 1;
      if (at > start) put(pieceOf(text.slice(start, at), maxTokens + 1 - found.length), start);
      else at += 1; // white space
    }
    const kept = Math.min(found.length, maxTokens);
    return {
      ids: Int32Array.from(kept === found.length ? found : found.slice(0, kept)),
      offsets: Uint32Array.from(kept === found.length ? offsets : offsets.slice(0, 2 * kept)),
      truncated: kept < found.length,
    };
  }

  return {
    size: vocabulary.length,
    ids,
    frame: { before: [ids.cls], between: [ids.sep], after: [ids.sep], secondType: 1, pad: ids.pad },
    encode,
    count: (text) => encode(text).ids.length,
    truncate: (text, tokens) => truncateText(encode, text, tokens),
  };
}

const [ELSE, WORD, SIGN] = [0, 1, 2] as const;
/** What stands for itself in ASCII: letters and digits, and signs but the bracket that may open a special token. White space and the end end a word too. */
const END = 3;
const asciiKinds = new Uint8Array(128).map((_, point) => {
  const character = String.fromCharCode(point);
  if (/[A-Za-z0-9]/.test(character)) return WORD;
  if (/[ \t\n\r]/.test(character)) return END;
  return /[!-/:-@\\-`{-~\]^_]/.test(character) ? SIGN : ELSE;
});

function ascii(text: string, at: number): number {
  if (at >= text.length) return END;
  const code = text.charCodeAt(at);
  return code < 128 ? asciiKinds[code]! : ELSE;
}

interface PieceLookup {
  readonly initial: ReadonlyMap<string, number>;
  /** Pieces that continue a word, without their `##`. */
  readonly inner: ReadonlyMap<string, number>;
  readonly longest: number;
  /** What becomes of a code point before words are looked up. */
  readonly normalize: (point: number) => string;
  readonly special: readonly { readonly name: string; readonly id: number }[];
}

const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
const BRACKET = 0x5b;

function pieceLookup(vocabulary: readonly string[], cased: boolean): PieceLookup {
  const initial = new Map<string, number>();
  const inner = new Map<string, number>();
  let longest = 0;
  for (const [id, entry] of vocabulary.entries()) {
    initial.set(entry, id);
    if (entry.startsWith('##')) inner.set(entry.slice(2), id);
    longest = Math.max(longest, entry.length);
  }
  const special = SPECIAL.flatMap((name) => (initial.has(name) ? [{ name, id: initial.get(name)! }] : []));
  return { initial, inner, longest, special, normalize: cased ? String.fromCodePoint : normalize };
}

function special(initial: ReadonlyMap<string, number>, name: string): number {
  const id = initial.get(name);
  if (id === undefined) throw new ResiftError('invalid_config', `Expected the vocabulary to contain ${name}; it is not a BERT vocab.txt.`);
  return id;
}

/** Tokens of a stretch of text without white space; stops after the word that reaches `enough` tokens. */
function splitStretch(stretch: string, lookup: PieceLookup, unknown: number, enough: number): Piece {
  const ids: number[] = [];
  const offsets: number[] = [];
  let word = emptyWord();
  const finish = () => {
    if (word.points > 0) splitWord(word, lookup, unknown, ids, offsets);
    word = emptyWord();
  };

  for (let at = 0; at < stretch.length && ids.length < enough; ) {
    const point = stretch.codePointAt(at)!;
    const end = at + (point > 0xffff ? 2 : 1);
    const kind = kindOf(point);
    const special = point === BRACKET && lookup.special.find(({ name }) => stretch.startsWith(name, at));
    if (special) {
      finish();
      ids.push(special.id);
      offsets.push(at, at + special.name.length);
      at += special.name.length;
      continue;
    }
    if (kind === IDEOGRAPH) finish(); // also where nothing is left of it after normalisation
    if (kind !== REMOVE) {
      for (const character of lookup.normalize(point)) {
        const alone = kind === IDEOGRAPH || isPunctuation(character.codePointAt(0)!);
        if (alone) finish();
        append(word, character, at, end);
        if (alone) finish();
      }
    }
    at = end;
  }
  finish();
  return { ids, offsets };
}

interface Word {
  text: string;
  points: number;
  /** Where in the stretch each UTF-16 unit of `text` came from. */
  readonly starts: number[];
  readonly ends: number[];
  end: number;
}

function emptyWord(): Word {
  return { text: '', points: 0, starts: [], ends: [], end: 0 };
}

function append(word: Word, character: string, start: number, end: number) {
  word.points += 1;
  word.end = end;
  if (word.points > LONGEST_WORD) return; // unknown anyway, and it may be a megabyte long
  word.text += character;
  for (let unit = 0; unit < character.length; unit += 1) {
    word.starts.push(start);
    word.ends.push(end);
  }
}

/** Longest match first, from the left; a word that cannot be spelled is one unknown token. */
function splitWord(word: Word, { initial, inner, longest }: PieceLookup, unknown: number, ids: number[], offsets: number[]) {
  const { text, points, starts, ends } = word;
  const before = ids.length;
  let start = points > LONGEST_WORD ? -1 : 0;
  while (start >= 0 && start < text.length) {
    const pieces = start === 0 ? initial : inner;
    let end = Math.min(text.length, start + longest);
    let id = pieces.get(text.slice(start, end));
    while (id === undefined && end > start + 1) {
      end -= 1;
      id = pieces.get(text.slice(start, end));
    }
    if (id === undefined) {
      start = -1;
      break;
    }
    ids.push(id);
    offsets.push(starts[start]!, ends[end - 1]!);
    start = end;
  }
  if (start >= 0) return;
  ids.length = before;
  offsets.length = 2 * before;
  ids.push(unknown);
  offsets.push(starts[0]!, word.end);
}
