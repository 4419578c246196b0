/** Words that say little about what a sentence is about. */
const STOP: ReadonlySet<string> = new Set(
  'a an the and or but nor so if then than as at by for from in into of off on onto out over to up with without about after before between during is are was were be been being am do does did done has have had having can could may might must shall should will would it its he him his she her hers they them their theirs we us our you your i me my this that these those there here what which who whom whose when where why how not no yes also very just only some any each such own same other more most s t'.split(
    ' ',
  ),
);

/** The words of a text that carry meaning: lower case, without accents, plural and common endings cut. Order and copies kept. */
export function contentWords(text: string): string[] {
  return allWords(text)
    .filter((word) => !STOP.has(word))
    .map(stem);
}

/** Every word of a text, lower case and without accents. */
export function allWords(text: string): string[] {
  return (
    text
      .normalize('NFKD')
      .replace(/\p{M}+/gu, '')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** A light cut, so that "films" meets "film" and "starred" meets "star". */
function stem(word: string): string {
  if (word.length < 5 || /\d/.test(word)) return word.length > 3 ? word.replace(/(?<=[^s])s$/, '') : word;
  const cut = word.replace(/ies$/, 'y').replace(/(?:ing|edly|ed|ly|es|s)$/, '');
  return cut.replace(/([bdfgmnprt])\1$/, '$1').replace(/e$/, '');
}
