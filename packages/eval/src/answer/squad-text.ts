/** The normalisation of the official SQuAD script: lower case, ASCII punctuation and articles away, white space to single spaces. */
export function normaliseAnswer(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[!-/:-@[-`{-~]/g, '')
    .replaceAll(/(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** Words of the normalised text. */
export function answerWords(text: string): string[] {
  const normal = normaliseAnswer(text);
  return normal === '' ? [] : normal.split(' ');
}
