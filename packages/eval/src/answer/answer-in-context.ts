import { answerWords } from './squad-text.ts';

/** 1 where one of the texts holds a gold answer as a run of whole words after SQuAD's normalisation (DPR's "has answer"), else 0: the most that any reader could find. */
export function answerInContext(contexts: readonly string[], golds: readonly string[]): number {
  const wanted = golds.map(answerWords).filter((words) => words.length > 0);
  return contexts.some((context) => {
    const words = answerWords(context);
    return wanted.some((gold) => holds(words, gold));
  })
    ? 1
    : 0;
}

/** Whether `run` stands in `words` as it is. */
function holds(words: readonly string[], run: readonly string[]): boolean {
  for (let start = words.indexOf(run[0]!); start !== -1; start = words.indexOf(run[0]!, start + 1)) {
    if (run.every((word, i) => words[start + i] === word)) return true;
  }
  return false;
}
