import { ResiftError } from '@resift/core';
import { answerInContext } from './answer-in-context.ts';
import { exactMatch } from './exact-match.ts';
import { tokenF1 } from './token-f1.ts';

/** What became of one question that has a known answer, or is known to have none. */
export type AnswerVerdict =
  | 'right' // asserted, agrees with a gold answer, and supported
  | 'wrong' // asserted, agrees with no gold answer (on an unanswerable question: any assertion)
  | 'unsupported' // asserted, agrees with a gold answer, but the text it was made from does not carry it
  | 'miss' // abstained although there is an answer
  | 'right_abstention'; // abstained, and there is none

export interface AnswerCase {
  readonly answer: string;
  readonly abstained: boolean;
  /** Gold answers; empty where the question is unanswerable. */
  readonly golds: readonly string[];
  /** Whether the context carries every claim of the answer. Leave out to judge by the gold answers alone. */
  readonly supported?: boolean | undefined;
}

/** Token F1 from which a short answer counts as the gold one. */
const AGREES_FROM = 0.5;

/** Whether an answer says what a gold answer says: equal, or word F1 of at least 0.5, or it holds the gold answer word for word. Always false without gold answers. */
export function agreesWithGold(answer: string, golds: readonly string[]): boolean {
  if (golds.length === 0) return false;
  return exactMatch(answer, golds) === 1 || tokenF1(answer, golds) >= AGREES_FROM || answerInContext([answer], golds) === 1;
}

export function answerVerdict({ answer, abstained, golds, supported = true }: AnswerCase): AnswerVerdict {
  if (!abstained && answer.trim() === '') {
    throw new ResiftError(
      'invalid_input',
      'The answer is empty but not marked as an abstention: set `abstained`, or repair the generator.',
    );
  }
  if (abstained) return golds.length === 0 ? 'right_abstention' : 'miss';
  if (!agreesWithGold(answer, golds)) return 'wrong';
  return supported ? 'right' : 'unsupported';
}

/** An asserted answer that is wrong or unsupported. An abstention never is: on an answerable question it is a miss. */
export function isHallucination(verdict: AnswerVerdict): boolean {
  return verdict === 'wrong' || verdict === 'unsupported';
}

export interface AnswerRates {
  readonly questions: number;
  /** Hallucinations over all questions. */
  readonly hallucinationRate: number;
  /** Hallucinations over asserted answers: what a reader of an answer risks. NaN where nothing was asserted. */
  readonly hallucinationShare: number;
  readonly rightRate: number;
  readonly abstentionRate: number;
  /** Misses over answerable questions. NaN where there is none. */
  readonly missRate: number;
}

/** Sums up verdicts. Give both rates: a system that always abstains hallucinates never and misses everything. */
export function answerRates(verdicts: readonly AnswerVerdict[]): AnswerRates {
  if (verdicts.length === 0) throw new ResiftError('invalid_input', 'Rates need at least one question.');
  const count = (...wanted: AnswerVerdict[]) => verdicts.filter((verdict) => wanted.includes(verdict)).length;
  const hallucinations = count('wrong', 'unsupported');
  const asserted = count('right', 'wrong', 'unsupported');
  return {
    questions: verdicts.length,
    hallucinationRate: hallucinations / verdicts.length,
    hallucinationShare: hallucinations / asserted,
    rightRate: count('right', 'right_abstention') / verdicts.length,
    abstentionRate: count('miss', 'right_abstention') / verdicts.length,
    missRate: count('miss') / (verdicts.length - count('right_abstention')),
  };
}
