/** Passages from a text: an empty line stands between two. */
export const passagesIn = (text: string): string[] =>
  text
    .split(/\n[^\S\n]*\n/)
    .map((passage) => passage.trim())
    .filter((passage) => passage !== '');
