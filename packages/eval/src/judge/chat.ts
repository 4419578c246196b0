import { type ChatModel, noUsage } from '@resift/core';
import type { Judge, Verdict } from './judge.ts';
import { type Prompt, VERDICTS } from './prompts.ts';
import { bit, fields, items, type StructuredOptions, structured, text } from './structured.ts';

export interface ChatJudgeOptions extends Pick<StructuredOptions, 'retries'> {
  /** Default: `VERDICTS`. Must ask for the same schema. */
  readonly prompt?: Prompt | undefined;
}

/** Any chat model as a judge (with `langchainChat` or `openaiCompatible` of `@resift/models`): one call per context, a verdict and a reason for each claim. */
export function chatJudge(chat: ChatModel, { prompt = VERDICTS, retries }: ChatJudgeOptions = {}): Judge {
  return {
    id: `chat(${chat.id},${prompt.id})`,
    async judge(context, claims, { signal } = {}) {
      if (claims.length === 0) return { verdicts: [], usage: noUsage };
      const statements = JSON.stringify(claims);
      const { value, usage } = await structured(chat, prompt, { context, statements }, (reply) => readVerdicts(reply, claims.length), {
        retries,
        signal,
      });
      return { verdicts: value, usage };
    },
  };
}

function readVerdicts(reply: unknown, count: number): Verdict[] {
  return items(fields(reply, 'the reply')['statements'], 'statements', count).map((entry, i) => {
    const { verdict, reason } = fields(entry, `statements[${i}]`);
    return {
      supported: bit(verdict, `statements[${i}].verdict`),
      ...(reason !== undefined && { reason: text(reason, `statements[${i}].reason`) }),
    };
  });
}
