import { z } from '@hono/zod-openapi';
import type { ChatMessage } from '@resift/core';
import type { Limits } from './limits.ts';
import { type QuestionShape, questionFields } from './question-fields.ts';

export type ChatShape = QuestionShape & {
  readonly messages: z.ZodType<ChatMessage[]>;
  readonly top_n: z.ZodDefault<z.ZodInt>;
  readonly on_ungrounded: z.ZodOptional<z.ZodEnum<{ flag: 'flag'; drop: 'drop'; retry: 'retry' }>>;
  readonly generator: z.ZodOptional<z.ZodEnum<{ extractive: 'extractive'; chat: 'chat' }>>;
};

/** What `/v1/chat` and `/v1/chat/ui` have in common, but for the form of the messages. */
export const chatFields = (limits: Limits): ChatShape => ({
  ...questionFields(limits),
  messages: z
    .array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string() }))
    .min(1)
    .max(limits.messages)
    .openapi({ description: 'The conversation; the server keeps none. The last message is the user’s.' }),
  top_n: z.int().min(1).max(20).default(5).openapi({ description: 'Passages that the generator is given, at most.' }),
  on_ungrounded: z
    .enum(['flag', 'drop', 'retry'])
    .optional()
    .openapi({ description: 'What becomes of sentences that the sources do not support. Default: flag.' }),
  generator: z
    .enum(['extractive', 'chat'])
    .optional()
    .openapi({ description: 'Default: chat where a chat model is configured, else extractive.' }),
});
