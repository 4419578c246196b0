import { ResiftError } from '@resift/core';
import { answerInContext } from './answer/answer-in-context.ts';
import { exactMatch } from './answer/exact-match.ts';
import { tokenF1 } from './answer/token-f1.ts';
import { agreesWithGold, answerVerdict, isHallucination } from './answer/verdict.ts';
import { answerClaim } from './judge/claims.ts';
import type { Judge } from './judge/judge.ts';
import { groundedShare } from './rag/faithfulness.ts';

/** The shape of `autoevals`' scorers, so that ours work in Braintrust, evalite and the like, and theirs beside ours. */
export type Scorer = (args: ScorerArgs) => Promise<Score>;

export interface ScorerArgs {
  /** The question. */
  readonly input?: string | undefined;
  /** The answer; the empty string for an abstention. */
  readonly output: string;
  /** Gold answers; an empty list where there is none to be found. */
  readonly expected?: string | readonly string[] | undefined;
  /** The passages that the generator was given. */
  readonly context?: string | readonly string[] | undefined;
}

export interface Score {
  readonly name: string;
  /** In [0, 1], higher is better; null where the scorer does not apply (an abstention has nothing to be grounded). Never null for a failure: that rejects. */
  readonly score: number | null;
  readonly metadata?: Record<string, unknown>;
}

/** SQuAD's exact match. */
export const ExactMatch: Scorer = async ({ output, expected }) => ({ name: 'ExactMatch', score: exactMatch(output, golds(expected)) });

/** SQuAD's word F1. */
export const TokenF1: Scorer = async ({ output, expected }) => ({ name: 'TokenF1', score: tokenF1(output, golds(expected)) });

/** Whether the passages hold a gold answer at all: what retrieval and reranking could give the generator. */
export const AnswerInContext: Scorer = async ({ expected, context }) => {
  const wanted = golds(expected);
  return { name: 'AnswerInContext', score: wanted.length === 0 ? null : answerInContext(passages(context), wanted) };
};

/** Share of the answer's sentences that the passages carry, by any judge. */
export function Grounded(judge: Judge): Scorer {
  return async ({ input = '', output, context }) => {
    if (output.trim() === '') return { name: 'Grounded', score: null };
    const { value, claims } = await groundedShare(judge, { question: input, answer: output, contexts: passages(context) });
    return { name: 'Grounded', score: value ?? null, metadata: { judge: judge.id, claims } };
  };
}

/** 0 for a hallucination (asserted, and wrong or unsupported), else 1. An abstention is none. */
export function NoHallucination(judge: Judge): Scorer {
  return async ({ input = '', output, expected, context }) => {
    const answers = golds(expected);
    const abstained = output.trim() === '';
    let supported = true;
    if (!abstained && agreesWithGold(output, answers)) {
      const { verdicts } = await judge.judge(passages(context).join('\n\n'), [answerClaim(input, output)]);
      supported = verdicts[0]!.supported;
    }
    const verdict = answerVerdict({ answer: output, abstained, golds: answers, supported });
    return { name: 'NoHallucination', score: isHallucination(verdict) ? 0 : 1, metadata: { verdict, judge: judge.id } };
  };
}

function golds(expected: ScorerArgs['expected']): readonly string[] {
  if (expected === undefined) {
    throw new ResiftError(
      'invalid_input',
      'This scorer needs `expected`: the gold answers, or an empty list where there is none to be found.',
    );
  }
  return typeof expected === 'string' ? [expected] : expected;
}

function passages(context: ScorerArgs['context']): readonly string[] {
  if (context === undefined)
    throw new ResiftError('invalid_input', 'This scorer needs `context`: the passages that the generator was given.');
  return typeof context === 'string' ? [context] : context;
}
