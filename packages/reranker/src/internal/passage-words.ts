const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu;

/** The first `words` words of a text; where it is mostly Chinese or Japanese, which puts no spaces between them, the first `words` characters. */
export function firstWords(text: string, words: number): string {
  const start = text.slice(0, words * 40);
  if ((start.match(CJK)?.length ?? 0) > start.length / 3) return [...start].slice(0, words).join('');
  return (text.match(/\S+/g) ?? []).slice(0, words).join(' ');
}

/** The number of words, counted as `firstWords` does. */
export function countWords(text: string): number {
  if ((text.match(CJK)?.length ?? 0) > text.length / 3) return [...text].length;
  return text.match(/\S+/g)?.length ?? 0;
}

/** `[3]` becomes `(3)`: a passage that writes identifiers of its own must not be read as an answer, nor steer it. */
export function withoutIdentifiers(text: string): string {
  return text.replaceAll(/\[(\d+)\]/g, '($1)');
}
