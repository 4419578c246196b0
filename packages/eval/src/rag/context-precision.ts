import { addUsage, type ChatModel, noUsage } from '@resift/core';
import { USEFULNESS } from '../judge/prompts.ts';
import { bit, fields, type StructuredOptions, structured } from '../judge/structured.ts';
import type { RagSample, RagScore } from './sample.ts';

/** Context precision as ragas defines it (with a reference): a chat model says of each context whether it was useful; the average precision of that order. */
export async function contextPrecision(
  chat: ChatModel,
  { question, contexts, reference }: Pick<RagSample, 'question' | 'contexts' | 'reference'>,
  options: StructuredOptions = {},
): Promise<RagScore> {
  let usage = noUsage;
  const useful: boolean[] = [];
  for (const context of contexts) {
    const judged = await structured(
      chat,
      USEFULNESS,
      { question, context, answer: reference },
      (reply) => bit(fields(reply, 'the reply')['verdict'], 'verdict'),
      options,
    );
    useful.push(judged.value);
    usage = addUsage(usage, judged.usage);
  }
  return { value: contextAveragePrecision(useful), usage };
}

/** Average precision of an order of contexts of which some are useful (known from gold passages, for example): 1 where all useful ones come first, 0 where none is. */
export function contextAveragePrecision(useful: readonly boolean[]): number {
  let hits = 0;
  let sum = 0;
  for (const [rank, isUseful] of useful.entries()) {
    if (!isUseful) continue;
    hits += 1;
    sum += hits / (rank + 1);
  }
  return hits === 0 ? 0 : sum / hits;
}
