import { answerWords } from './squad-text.ts';

/** Harmonic mean of word precision and recall against the best gold answer (SQuAD). Where either side has no word, 1 if both have none, else 0. */
export function tokenF1(answer: string, golds: readonly string[]): number {
  const given = answerWords(answer);
  return Math.max(...(golds.length === 0 ? [''] : golds).map((gold) => f1(given, answerWords(gold))));
}

function f1(given: readonly string[], gold: readonly string[]): number {
  if (given.length === 0 || gold.length === 0) return given.length === gold.length ? 1 : 0;
  const left = new Map<string, number>();
  for (const word of gold) left.set(word, (left.get(word) ?? 0) + 1);
  let shared = 0;
  for (const word of given) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    shared += 1;
  }
  return shared === 0 ? 0 : (2 * shared) / (given.length + gold.length);
}
