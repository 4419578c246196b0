import { FROZEN, MARKS, PUNCTUATION, REMOVED } from './bert-unicode-data.ts';

/** What BERT's basic tokenisation does with a code point. */
export const OTHER = 0;
export const REMOVE = 1;
export const SPACE = 2;
/** A word of its own: a CJK ideograph, before normalisation. */
export const IDEOGRAPH = 3;

const BMP = 0x10000;
const kinds = new Uint8Array(BMP);
const removed = unpacked(REMOVED);
const marks = unpacked(MARKS);
const punctuation = unpacked(PUNCTUATION);
const frozen = unpacked(FROZEN);
for (const [low, high] of removed) kinds.fill(REMOVE, low, Math.min(high + 1, BMP));
for (const point of [
  0x09, 0x0a, 0x0d, 0x20, 0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x2028,
  0x2029, 0x202f, 0x205f, 0x3000,
]) {
  kinds[point] = SPACE;
}
kinds.fill(IDEOGRAPH, 0x3400, 0x4dc0);
kinds.fill(IDEOGRAPH, 0x4e00, 0xa000);
kinds.fill(IDEOGRAPH, 0xf900, 0xfb00);

/** `REMOVE`, `SPACE`, `IDEOGRAPH` or `OTHER`, for a code point of the text as it came. */
export function kindOf(point: number): number {
  if (point < BMP) return kinds[point]!;
  if (isIdeographBeyondBmp(point)) return IDEOGRAPH;
  return contains(removed, point) ? REMOVE : OTHER;
}

const normalized = new Map<number, string>();

/** One code point decomposed (NFD), without its non-spacing marks, in lower case: no, one or several characters. */
export function normalize(point: number): string {
  if (point < 0x80) return point >= 0x41 && point <= 0x5a ? String.fromCharCode(point + 32) : String.fromCharCode(point);
  const known = normalized.get(point);
  if (known !== undefined) return known;
  const character = String.fromCodePoint(point);
  let found = '';
  if (contains(frozen, point)) found = character;
  // Character by character, so that a capital sigma at a word's end becomes the common small one, as in Rust.
  else for (const part of character.normalize('NFD')) if (!contains(marks, part.codePointAt(0)!)) found += part.toLowerCase();
  normalized.set(point, found); // at most as many entries as there are code points outside ASCII
  return found;
}

/** For a code point after normalisation: whether it is a word of its own. */
export function isPunctuation(point: number): boolean {
  return contains(punctuation, point);
}

// The gap before U+2B920 is the reference's own slip, kept for the sake of identity.
function isIdeographBeyondBmp(point: number) {
  return (
    (point >= 0x20000 && point <= 0x2a6df) ||
    (point >= 0x2a700 && point <= 0x2b73f) ||
    (point >= 0x2b740 && point <= 0x2b81f) ||
    (point >= 0x2b920 && point <= 0x2ceaf) ||
    (point >= 0x2f800 && point <= 0x2fa1f)
  );
}

function unpacked(text: string): [low: number, high: number][] {
  let end = 0;
  return text.split(' ').map((part) => {
    const [gap = '0', length = '0'] = part.split(',');
    const low = end + Number.parseInt(gap, 36);
    end = low + Number.parseInt(length, 36);
    return [low, end];
  });
}

function contains(ranges: readonly (readonly [number, number])[], point: number) {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const [from, to] = ranges[middle]!;
    if (point < from) high = middle - 1;
    else if (point > to) low = middle + 1;
    else return true;
  }
  return false;
}
