import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import type { UsageMetadata } from '@langchain/core/messages';
import { type ChatMessage, type ChatModel, isResiftError, ResiftError, untilAborted } from '@resift/core';

export interface LangchainChatOptions {
  /** Default: the model's name. */
  readonly id?: string | undefined;
  /** What the model can read. Default 8,192. */
  readonly contextTokens?: number | undefined;
}

/** Any chat model of LangChain, streamed. Needs no LangChain here: only the model's own methods are called. */
export function langchainChat(model: BaseChatModel, options: LangchainChatOptions = {}): ChatModel {
  return {
    id: options.id ?? model.getName(),
    contextTokens: options.contextTokens ?? 8_192,
    async *stream(messages, { signal } = {}) {
      signal?.throwIfAborted();
      const usage = { calls: 1, inputTokens: 0, outputTokens: 0 };
      try {
        const stream = await untilAborted(model.stream(messages.map(tupleOf), { ...(signal && { signal }) }), signal);
        const chunks = stream[Symbol.asyncIterator]();
        try {
          for (;;) {
            const next = await untilAborted(chunks.next(), signal);
            if (next.done) break;
            const { content } = next.value;
            // Typed as `never` where the model's message structure is not known.
            const spent = next.value.usage_metadata as UsageMetadata | undefined;
            usage.inputTokens += spent?.input_tokens ?? 0;
            usage.outputTokens += spent?.output_tokens ?? 0;
            const text = textOf(content);
            if (text !== '') yield { text };
          }
        } finally {
          // Not awaited: a model that hangs would keep us here.
          void chunks.return?.()?.catch(() => {});
        }
      } catch (cause) {
        signal?.throwIfAborted();
        if (isResiftError(cause)) throw cause;
        throw new ResiftError('unavailable', `The chat model ${options.id ?? model.getName()} failed.`, { cause });
      }
      // LangChain ends some streams quietly when they are aborted.
      signal?.throwIfAborted();
      yield { text: '', usage };
    },
  };
}

const ROLES = { system: 'system', user: 'human', assistant: 'ai' } as const;

function tupleOf({ role, content }: ChatMessage): ['system' | 'human' | 'ai', string] {
  return [ROLES[role], content];
}

/** The text of a message's content, whose other parts (reasoning, images, calls) are left out. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: unknown) => (isText(part) ? part.text : '')).join('');
}

function isText(part: unknown): part is { text: string } {
  return (
    typeof part === 'object' && part !== null && 'type' in part && part.type === 'text' && 'text' in part && typeof part.text === 'string'
  );
}
