import type { ChatModel, Usage } from '@resift/core';
import { STATEMENTS } from '../judge/prompts.ts';
import { fields, items, type StructuredOptions, structured, text } from '../judge/structured.ts';

/** Lets a chat model break an answer into statements that stand alone. */
export async function chatStatements(
  chat: ChatModel,
  question: string,
  answer: string,
  options: StructuredOptions,
): Promise<{ value: string[]; usage: Usage }> {
  return structured(
    chat,
    STATEMENTS,
    { question, answer },
    (reply) => items(fields(reply, 'the reply')['statements'], 'statements').map((entry, i) => text(entry, `statements[${i}]`)),
    options,
  );
}
