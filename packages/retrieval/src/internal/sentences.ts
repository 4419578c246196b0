const END = /[.!?…]+["'”’»)\]]*(?=\s)|[。！？]+[」』”）]*/g;
const ABBREVIATIONS = new Set(
  'dr mr mrs ms prof st vs etc e.g i.e eg ie fig figs al no nos inc ltd co corp jr sr approx cf dept est eq sec vol pp ed eds u.s u.k gen rev hon mt ave jan feb mar apr jun jul aug sep sept oct nov dec ca viz resp'.split(
    ' ',
  ),
);

/** The sentences of a line, by punctuation; not after abbreviations, initials, or before a small letter. Together they cover it, but for white space. */
export function* sentencesOf(text: string, start: number, end: number): Generator<{ start: number; end: number }, void, undefined> {
  const line = text.slice(start, end);
  let from = 0;
  END.lastIndex = 0;
  for (let found = END.exec(line); found; found = END.exec(line)) {
    const resume = END.lastIndex;
    if (endsSentence(line, found.index, found[0], resume)) {
      yield { start: start + from, end: start + resume };
      from = resume + leadingSpace(line, resume);
    }
    END.lastIndex = resume; // another line may have been read between two steps
  }
  if (from < line.length) yield { start: start + from, end };
}

function endsSentence(line: string, index: number, mark: string, resume: number): boolean {
  if (!mark.startsWith('.') || mark.startsWith('..')) return true;
  const next = line[resume + leadingSpace(line, resume)] ?? '';
  if (/\p{Ll}/u.test(next)) return false;
  const word = /[\p{L}.]+$/u.exec(line.slice(Math.max(0, index - 12), index))?.[0] ?? '';
  return !(/^\p{Lu}$/u.test(word) || ABBREVIATIONS.has(word.toLowerCase()));
}

function leadingSpace(line: string, at: number): number {
  let end = at;
  while (end < line.length && /\s/.test(line[end]!)) end += 1;
  return end - at;
}
