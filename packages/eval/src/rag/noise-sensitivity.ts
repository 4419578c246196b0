import { addUsage, type ChatModel, noUsage, ResiftError } from '@resift/core';
import { chatJudge } from '../judge/chat.ts';
import type { StructuredOptions } from '../judge/structured.ts';
import type { RagSample, RagScore } from './sample.ts';
import { chatStatements } from './statements.ts';

export interface NoiseSensitivityOptions extends StructuredOptions {
  /** `relevant` (default): wrong statements that come from contexts which also hold the reference; `irrelevant`: from contexts that do not. */
  readonly mode?: 'relevant' | 'irrelevant' | undefined;
}

/** Noise sensitivity as ragas defines it: the share of the answer's statements that are wrong (not in the reference) and carried by a context of the mode. Lower is better. */
export async function noiseSensitivity(
  chat: ChatModel,
  sample: RagSample,
  { mode = 'relevant', ...options }: NoiseSensitivityOptions = {},
): Promise<RagScore> {
  const { question, answer, reference, contexts } = sample;
  if (contexts.length === 0) throw new ResiftError('invalid_input', 'Noise sensitivity needs at least one context.');
  let usage = noUsage;
  const judge = chatJudge(chat, options);
  const verdictsOf = async (context: string, statements: readonly string[]) => {
    const judged = await judge.judge(context, statements, options);
    usage = addUsage(usage, judged.usage);
    return judged.verdicts.map(({ supported }) => supported);
  };

  const expected = await chatStatements(chat, question, reference, options);
  const given = await chatStatements(chat, question, answer, options);
  usage = addUsage(addUsage(usage, expected.usage), given.usage);
  if (given.value.length === 0) return { usage };

  const holdsReference: boolean[] = [];
  const holdsStatement: boolean[][] = [];
  for (const context of contexts) {
    holdsReference.push((await verdictsOf(context, expected.value)).some(Boolean));
    holdsStatement.push(await verdictsOf(context, given.value));
  }
  const right = await verdictsOf(reference, given.value);

  const noisy = given.value.filter((_, i) => {
    const carriedBy = (relevant: boolean) => contexts.some((_, c) => holdsReference[c] === relevant && holdsStatement[c]![i]!);
    return !right[i] && (mode === 'relevant' ? carriedBy(true) : carriedBy(false) && !carriedBy(true));
  });
  return { value: noisy.length / given.value.length, usage };
}
