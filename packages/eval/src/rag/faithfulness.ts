import { addUsage, type ChatModel } from '@resift/core';
import { chatJudge } from '../judge/chat.ts';
import { splitClaims } from '../judge/claims.ts';
import type { Judge, JudgeOptions, Verdict } from '../judge/judge.ts';
import type { StructuredOptions } from '../judge/structured.ts';
import type { RagSample, RagScore } from './sample.ts';
import { chatStatements } from './statements.ts';

type Answered = Pick<RagSample, 'question' | 'answer' | 'contexts'>;

/**
 * Faithfulness as ragas defines it: a chat model breaks the answer into statements and judges each against all contexts;
 * the share that follows. Equal to ragas on the same replies. No statement: no value.
 */
export async function faithfulness(
  chat: ChatModel,
  { question, answer, contexts }: Answered,
  options: StructuredOptions = {},
): Promise<RagScore> {
  const statements = await chatStatements(chat, question, answer, options);
  if (statements.value.length === 0) return { usage: statements.usage };
  const judged = await chatJudge(chat, options).judge(contexts.join('\n'), statements.value, options);
  return { value: share(judged.verdicts), usage: addUsage(statements.usage, judged.usage) };
}

export interface JudgedClaim extends Verdict {
  readonly claim: string;
}

/**
 * The same idea with any judge and without a chat model: sentences are the claims. It carries another name because its numbers are not
 * ragas's. Abstentions have no claims to judge: leave them out, or an honest "I do not know" counts as unfaithful.
 */
export async function groundedShare(
  judge: Judge,
  { question, answer, contexts }: Answered,
  options: JudgeOptions = {},
): Promise<RagScore & { readonly claims: readonly JudgedClaim[] }> {
  const claims = splitClaims(answer, question).map(({ text }) => text);
  const { verdicts, usage } = await judge.judge(contexts.join('\n\n'), claims, options);
  return {
    ...(verdicts.length > 0 && { value: share(verdicts) }),
    usage,
    claims: verdicts.map((verdict, i) => ({ ...verdict, claim: claims[i]! })),
  };
}

function share(verdicts: readonly Verdict[]): number {
  return verdicts.filter(({ supported }) => supported).length / verdicts.length;
}
