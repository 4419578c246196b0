import { addUsage, type ChatModel, noUsage, type RerankOptions, type Tokenizer, type Usage } from '@resift/core';
import { letterOf, type Prompt, renderPrompt } from '../prompts/prompt.ts';
import { ask, promptTokens } from './ask.ts';
import { countWords, firstWords } from './passage-words.ts';

export interface ChoiceOptions {
  readonly prompt: Prompt;
  /** Most words of a passage that are shown. */
  readonly passageWords: number;
  readonly tokenizer?: Pick<Tokenizer, 'count'> | undefined;
}

/** Asks which of a few passages is the best, again and again within one call of `rerank`, and keeps count. */
export interface Chooser {
  /** The place of the best among those shown; `undefined` where the answer names none of them. */
  best(shown: readonly number[]): Promise<number | undefined>;
  /** Most tokens that a question over so many passages costs. */
  cost(shown: number): number;
  usage(): Usage;
  /** Answers that named no passage. */
  unread(): number;
  asked(): number;
}

export function chooser(
  chat: ChatModel,
  query: string,
  texts: readonly string[],
  { signal, tokenBudget = Infinity }: RerankOptions,
  { prompt, passageWords, tokenizer }: ChoiceOptions,
): Chooser {
  const cut = texts.map((text) => firstWords(text, passageWords));
  const tokensOf = (passages: readonly string[]) => promptTokens(renderPrompt(prompt, { query }, passages), tokenizer);
  const frame = tokensOf([]);
  const dearest = Math.max(0, ...cut.map((passage) => tokensOf([passage]) - frame));
  let usage = addUsage(noUsage, { truncated: texts.filter((text) => countWords(text) > passageWords).length });
  let asked = 0;
  let unread = 0;

  return {
    async best(shown) {
      signal?.throwIfAborted();
      const messages = renderPrompt(
        prompt,
        { query },
        shown.map((position) => cut[position]!),
      );
      if (usage.inputTokens + promptTokens(messages, tokenizer) > tokenBudget) return undefined;
      const { answer, usage: spent } = await ask(chat, messages, { signal }, tokenizer);
      usage = addUsage(usage, spent);
      asked += 1;
      const place = letterIn(answer, shown.length);
      if (place === undefined) unread += 1;
      return place;
    },
    cost: (shown) => frame + shown * dearest,
    usage: () => usage,
    unread: () => unread,
    asked: () => asked,
  };
}

/** `Passage B`, `B`, `[B].` or `(b)` as 1. A letter inside a word or a lone article is none. */
export function letterIn(answer: string, length: number): number | undefined {
  const letters = Array.from({ length }, (_, i) => letterOf(i)).join('');
  const named =
    new RegExp(`passage\\s*[:\\["'(*]*\\s*([${letters}])(?![a-z])`, 'i').exec(answer) ??
    new RegExp(`^[\\s\\["'(*]*([${letters}])(?![a-z])(?!\\s+[a-z])`, 'i').exec(answer);
  return named ? letters.indexOf(named[1]!.toUpperCase()) : undefined;
}
