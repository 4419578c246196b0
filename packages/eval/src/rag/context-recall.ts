import type { ChatModel } from '@resift/core';
import { splitClaims } from '../judge/claims.ts';
import type { Judge, JudgeOptions } from '../judge/judge.ts';
import { ATTRIBUTION } from '../judge/prompts.ts';
import { bit, fields, items, type StructuredOptions, structured } from '../judge/structured.ts';
import type { RagSample, RagScore } from './sample.ts';

type Referenced = Pick<RagSample, 'question' | 'contexts' | 'reference'>;

/** Context recall as ragas defines it: a chat model says of each sentence of the reference answer whether the contexts hold it; their share. */
export async function contextRecall(
  chat: ChatModel,
  { question, contexts, reference }: Referenced,
  options: StructuredOptions = {},
): Promise<RagScore> {
  const { value, usage } = await structured(
    chat,
    ATTRIBUTION,
    { question, context: contexts.join('\n'), answer: reference },
    readAttributions,
    options,
  );
  return { ...(value.length > 0 && { value: value.filter(Boolean).length / value.length }), usage };
}

/** The share of the reference answer's sentences that any judge finds in the contexts: no chat model, hence another name. */
export async function referenceCoverage(
  judge: Judge,
  { question, contexts, reference }: Referenced,
  options: JudgeOptions = {},
): Promise<RagScore> {
  const claims = splitClaims(reference, question).map(({ text }) => text);
  const { verdicts, usage } = await judge.judge(contexts.join('\n\n'), claims, options);
  return { ...(verdicts.length > 0 && { value: verdicts.filter(({ supported }) => supported).length / verdicts.length }), usage };
}

function readAttributions(reply: unknown): boolean[] {
  return items(fields(reply, 'the reply')['classifications'], 'classifications').map((entry, i) =>
    bit(fields(entry, `classifications[${i}]`)['attributed'], `classifications[${i}].attributed`),
  );
}
