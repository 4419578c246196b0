import { answerInContext } from '../answer/answer-in-context.ts';
import { exactMatch } from '../answer/exact-match.ts';
import { tokenF1 } from '../answer/token-f1.ts';
import { type AnswerVerdict, answerVerdict, isHallucination } from '../answer/verdict.ts';
import { citationScores } from '../judge/citations.ts';
import { answerClaim } from '../judge/claims.ts';
import type { Judge } from '../judge/judge.ts';
import { groundedShare } from '../rag/faithfulness.ts';
import type { Question } from './data-set.ts';
import type { Metric } from './metric.ts';
import type { Outcome, OutcomeAnswer } from './system.ts';

/** Exact match, word F1 and abstention. An abstention on an unanswerable question scores 1, as in SQuAD 2. Questions without gold answers (not even an empty list) are left out. */
export const answerMetrics: readonly Metric[] = [
  { name: 'exact match', better: 'higher', measure: (question, outcome) => against(question, outcome, exactMatch) },
  { name: 'F1', better: 'higher', measure: (question, outcome) => against(question, outcome, tokenF1) },
  { name: 'abstention', better: 'lower', measure: (_, { answer }) => answer && Number(answer.abstained) },
];

/** Whether one of the first k packed passages holds a gold answer. Only answerable questions count. */
export function answerInContextAt(k: number): Metric {
  return {
    name: `answer in context@${k}`,
    better: 'higher',
    measure: ({ answers }, { contexts }) =>
      answers?.length && contexts
        ? answerInContext(
            contexts.slice(0, k).map(({ text }) => text),
            answers,
          )
        : undefined,
  };
}

/** Whether one of the first k packed passages comes from a relevant document. Needs judgements. */
export function goldInContextAt(k: number): Metric {
  return {
    name: `gold passage@${k}`,
    better: 'higher',
    measure: ({ judged }, { contexts }) =>
      judged && contexts ? Number(contexts.slice(0, k).some(({ documentId }) => (judged.get(documentId) ?? 0) > 0)) : undefined,
  };
}

/** Word F1 and the like over the asserted text; an abstention is the empty answer. */
function against(
  { answers }: Question,
  { answer }: Outcome,
  score: (answer: string, golds: readonly string[]) => number,
): number | undefined {
  return answers && answer ? score(answer.abstained ? '' : answer.text, answers) : undefined;
}

/**
 * Verdicts by gold answers, and by a judge on the claim "question + answer": a span copied from its context would be trivially faithful.
 * `supported by`: `context` = the packed passages, `gold` = the passage the answer was written from, `none` = gold answers alone decide.
 */
export function verdictMetrics(
  judge: Judge,
  { supportedBy = 'context' }: { readonly supportedBy?: 'context' | 'gold' | 'none' } = {},
): Metric[] {
  const verdict = (
    name: string,
    better: Metric['better'],
    counts: (verdict: AnswerVerdict) => boolean,
    of = (_: AnswerVerdict) => true,
  ): Metric => ({
    name: supportedBy === 'context' ? name : `${name} (${supportedBy === 'gold' ? 'support from the gold passage' : 'gold answers only'})`,
    better,
    cacheAs: supportedBy === 'none' ? undefined : judge.id,
    async measure({ text, answers, goldText }, { answer, contexts }, options) {
      if (!answers || !answer) return undefined;
      const evidence = supportedBy === 'gold' ? goldText : contexts?.map((context) => context.text).join('\n\n');
      if (evidence === undefined && supportedBy !== 'none') return undefined;
      const quick = answerVerdict({ answer: answer.text, abstained: answer.abstained, golds: answers });
      const supported = quick !== 'right' || supportedBy === 'none' || (await supports(judge, evidence!, text, answer, options));
      const result = quick === 'right' && !supported ? 'unsupported' : quick;
      return of(result) ? Number(counts(result)) : undefined;
    },
  });
  return [
    verdict('hallucination rate', 'lower', isHallucination),
    verdict('hallucination share', 'lower', isHallucination, (result) => result !== 'miss' && result !== 'right_abstention'),
    verdict('right', 'higher', (result) => result === 'right' || result === 'right_abstention'),
    verdict(
      'right answer',
      'higher',
      (result) => result === 'right',
      (result) => result !== 'right_abstention',
    ),
    verdict(
      'miss',
      'lower',
      (result) => result === 'miss',
      (result) => result !== 'right_abstention',
    ),
  ];
}

/** Share of the answer's sentences that the packed passages carry. Abstentions have none. */
export function groundedShareOf(judge: Judge): Metric {
  return {
    name: 'grounded share',
    better: 'higher',
    cacheAs: judge.id,
    async measure({ text }, { answer, contexts }, options) {
      if (!answer || answer.abstained || !contexts) return undefined;
      return (await groundedShare(judge, { question: text, answer: answer.text, contexts: contexts.map((c) => c.text) }, options)).value;
    },
  };
}

/**
 * Share of the asserted answers, right or wrong, whose claim "question + answer" the packed passages carry. For short answers it says what
 * `groundedShareOf` does, on the judgement that the verdicts need anyway.
 */
export function groundedAnswersOf(judge: Judge): Metric {
  return {
    name: 'grounded answers',
    better: 'higher',
    cacheAs: judge.id,
    async measure({ text }, { answer, contexts }, options) {
      if (!answer || answer.abstained || !contexts) return undefined;
      return Number(await supports(judge, contexts.map((context) => context.text).join('\n\n'), text, answer, options));
    },
  };
}

/** Citation precision and recall (ALCE) of asserted answers. */
export function citationMetrics(judge: Judge): Metric[] {
  return (['recall', 'precision'] as const).map((side) => ({
    name: `citation ${side}`,
    better: 'higher',
    cacheAs: judge.id,
    async measure({ text }, { answer }, options) {
      if (!answer || answer.abstained || !answer.citations) return undefined;
      return (await citationScores(judge, { question: text, answer: answer.text, citations: answer.citations }, options))[side];
    },
  }));
}

async function supports(
  judge: Judge,
  evidence: string,
  question: string,
  { text }: OutcomeAnswer,
  options: { readonly signal?: AbortSignal | undefined },
) {
  const { verdicts } = await judge.judge(evidence, [answerClaim(question, text)], options);
  return verdicts[0]!.supported;
}
