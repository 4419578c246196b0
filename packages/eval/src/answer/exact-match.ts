import { normaliseAnswer } from './squad-text.ts';

/** 1 where the answer equals a gold answer after SQuAD's normalisation, else 0. No gold answer means unanswerable: then only an empty answer (an abstention) is right. */
export function exactMatch(answer: string, golds: readonly string[]): number {
  const given = normaliseAnswer(answer);
  return (golds.length === 0 ? [''] : golds).some((gold) => normaliseAnswer(gold) === given) ? 1 : 0;
}
