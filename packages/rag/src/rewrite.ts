import { type ChatMessage, type ChatModel, complete, noUsage, type Usage } from '@resift/core';
import { fill, PROMPTS, type Prompts } from './prompts.ts';
import { allWords } from './words.ts';

export interface Rewritten {
  readonly query: string;
  readonly usage: Partial<Usage>;
}

/** Makes a question that stands on its own from a conversation whose last message is the user's. */
export type QueryRewriter = (
  messages: readonly ChatMessage[],
  options: { readonly signal?: AbortSignal | undefined },
) => Promise<Rewritten>;

/** Longest question, in words, that may lean on the one before it. */
const SHORT = 12;
const LEANS_ON_START = /^(?:and|or|but|also|what about|how about|what else|why|why not|then|so|really)\b/i;
const LEANS_ON = /\b(?:it|its|he|him|his|she|her|hers|they|them|their|theirs|this|that|these|those|there|one|ones|same)\b/i;

/**
 * No model: a short question that begins like a continuation ("And in 2019?") or holds a pronoun ("When was it released?")
 * is put behind the user's question before it; any other stands as it is. Answers of the assistant are not used.
 */
export function followUp(): QueryRewriter {
  return async (messages) => {
    const asked = messages.filter(({ role }) => role === 'user').map(({ content }) => content.trim());
    const last = asked.at(-1) ?? '';
    const before = asked.at(-2);
    const words = allWords(last).length;
    const leans = words <= 3 || (words <= SHORT && (LEANS_ON_START.test(last) || LEANS_ON.test(last)));
    return { query: before && leans ? `${before} ${last}` : last, usage: noUsage };
  };
}

/** A chat model writes the question anew; only asked where there is an earlier turn. */
export function chatRewrite(chat: ChatModel, { prompts = PROMPTS, turns = 6 }: { prompts?: Prompts; turns?: number } = {}): QueryRewriter {
  return async (messages, options) => {
    const question = messages.at(-1)?.content.trim() ?? '';
    const earlier = messages.slice(0, -1).filter(({ role }) => role !== 'system');
    if (earlier.length === 0) return { query: question, usage: noUsage };
    const conversation = earlier
      .slice(-turns)
      .map(({ role, content }) => `${role}: ${content}`)
      .join('\n');
    const { text, usage } = await complete(chat, [{ role: 'user', content: fill(prompts.rewrite, { conversation, question }) }], options);
    const query = text
      .replace(/^[\s\S]*<\/think>/, '')
      .trim()
      .split('\n')[0]!
      .slice(0, 1000);
    return { query: query || question, usage };
  };
}
