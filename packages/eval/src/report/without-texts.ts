import type { ExperimentResult } from '../experiment/result.ts';

/** A copy that holds no text of the data: questions go by their ids, answers are left out. For results that are published while their data may not be. */
export function withoutTexts(result: ExperimentResult): ExperimentResult {
  return {
    ...result,
    questions: result.questions.map((question) => ({ ...question, text: question.id })),
    systems: result.systems.map((system) => ({ ...system, answers: system.answers.map(() => null) })),
  };
}
