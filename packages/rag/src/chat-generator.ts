import { type ChatModel, ResiftError } from '@resift/core';
import { citationReader } from './citations.ts';
import { recentTurns } from './conversation.ts';
import type { GeneratedPart, Generator } from './generator.ts';
import { answerPrompt } from './prompt.ts';
import { NO_ANSWER, PROMPTS, type Prompts } from './prompts.ts';
import { allWords } from './words.ts';

export interface ChatGeneratorOptions {
  /** Tokens of earlier turns, at most. Default 1,000, at most a quarter of the model's context. */
  readonly historyTokens?: number | undefined;
  /** Room kept free for the answer. Default 600, at most a quarter of the model's context. */
  readonly answerTokens?: number | undefined;
  readonly prompts?: Prompts | undefined;
}

/** Room for the instructions and the question. */
const OVERHEAD_TOKENS = 500;

/** Lets a chat model write the answer from the sources, and turns its marks into verified quotes. */
export function chatGenerator(chat: ChatModel, options: ChatGeneratorOptions = {}): Generator {
  const quarter = Math.floor(chat.contextTokens / 4);
  const { historyTokens = Math.min(1000, quarter), answerTokens = Math.min(600, quarter), prompts = PROMPTS } = options;
  const contextTokens = chat.contextTokens - historyTokens - answerTokens - OVERHEAD_TOKENS;
  if (!(contextTokens > 0)) {
    throw new ResiftError(
      'invalid_config',
      `${chat.id} has a context of ${chat.contextTokens} tokens: too little for ${historyTokens} of history, ${answerTokens} of answer and ${OVERHEAD_TOKENS} of instructions. Lower \`historyTokens\` and \`answerTokens\`, or use a larger model.`,
    );
  }

  return {
    id: `chat:${chat.id}`,
    contextTokens,
    retryable: true,
    async *generate({ messages, sources, tokenizer, unsupported, signal }): AsyncGenerator<GeneratedPart> {
      const prompt = answerPrompt({
        question: messages.at(-1)!.content,
        history: recentTurns(messages, tokenizer, historyTokens),
        sources,
        unsupported,
        prompts,
      });
      const citations = citationReader(sources);
      const visible = withoutReasoning();
      let answer = '';
      let cited = false;
      function* noted(parts: readonly GeneratedPart[]) {
        for (const part of parts) {
          answer += part.text ?? '';
          cited ||= part.citation !== undefined;
          yield part;
        }
      }

      for await (const chunk of chat.stream(prompt, { signal })) {
        yield* noted(citations.push(visible.push(chunk.text)));
        if (chunk.usage) yield { usage: chunk.usage };
      }
      // Some clients end quietly when they are aborted.
      signal?.throwIfAborted();
      yield* noted(citations.push(visible.end()));
      yield* noted(citations.end());
      if (!cited && saysNoAnswer(answer)) yield { abstained: true };
    },
  };
}

const NO_ANSWER_WORDS = allWords(NO_ANSWER).join(' ');

function saysNoAnswer(answer: string): boolean {
  const words = allWords(answer).join(' ');
  return words === '' || (words.startsWith(NO_ANSWER_WORDS) && words.length < 2 * NO_ANSWER_WORDS.length);
}

/** Drops a block of reasoning that the stream begins with, `<think>…</think>`. One that never ends leaves nothing. */
function withoutReasoning() {
  let held: string | undefined = '';
  return {
    push(text: string): string {
      if (held === undefined) return text;
      held += text;
      const start = held.trimStart();
      if ('<think>'.startsWith(start.slice(0, 7))) {
        const close = held.indexOf('</think>');
        if (close < 0) return '';
        held = held.slice(close + '</think>'.length).trimStart();
        // White space after the block goes too, also where it comes in the next piece.
        if (held === '') return '';
      }
      const rest = held;
      held = undefined;
      return rest;
    },
    end(): string {
      const rest = held === undefined || /^\s*<think>/.test(held) ? '' : held;
      held = undefined;
      return rest;
    },
  };
}
