/** `[start, end)` in UTF-16 code units, without the white space around it. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
/** After these a full stop ends no sentence: titles, Latin abbreviations, months, and single initials ("J. R. R. Tolkien"). */
const ABBREVIATION =
  /(?:^|[\s("'“‘])(?:(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|vs|etc|No|Nos|Fig|Figs|Vol|Gen|Col|Lt|Capt|Sgt|Rev|Hon|approx|ca|cf|al|Inc|Ltd|Co|Corp|Bros|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|e\.g|i\.e|U\.S|U\.K|a\.m|p\.m)|(?:[A-Z]\.)*[A-Z])\.\s*$/;
const NEW_BLOCK = /^\s*(?:[-*+•‣#>|]|\d{1,3}[.)]\s)/;
/** A line at least this long that stops without a full stop was probably wrapped, not ended. */
const WRAPPED = 40;

/** Splits a text into sentences, in order. Together they hold every character that is not white space. */
export function sentences(text: string): Range[] {
  const pieces: { start: number; end: number }[] = [];
  for (const { segment, index } of segmenter.segment(text)) {
    const last = pieces.at(-1);
    if (last && goesOn(text.slice(last.start, last.end), segment)) last.end = index + segment.length;
    else pieces.push({ start: index, end: index + segment.length });
  }
  return pieces.map((piece) => trimmed(text, piece)).filter(({ start, end }) => end > start);
}

/** The range without the white space at its ends. */
export function trimmed(text: string, { start, end }: Range): Range {
  const inside = text.slice(start, end);
  const lead = inside.length - inside.trimStart().length;
  return { start: start + lead, end: Math.max(start + lead, start + inside.trimEnd().length) };
}

function goesOn(before: string, after: string): boolean {
  const newlines = /\s*$/.exec(before)![0].split('\n').length - 1;
  if (newlines > 1) return false;
  if (newlines === 1) {
    const line = before.trimEnd().split('\n').at(-1)!;
    return line.length >= WRAPPED && !/[.!?:;]["'”’)\]]*$/.test(line) && !NEW_BLOCK.test(after);
  }
  return ABBREVIATION.test(before.slice(-16));
}
