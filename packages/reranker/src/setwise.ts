import { type ChatModel, createReranker, ordinalScores, type Reranker, ResiftError, type Tokenizer } from '@resift/core';
import { reachable } from './internal/ask.ts';
import { chooser } from './internal/choose.ts';
import { readable } from './internal/readable.ts';
import { heapSelect } from './internal/top-sort.ts';
import { setPrompt } from './prompts/choice-prompts.ts';
import type { Prompt } from './prompts/prompt.ts';

export interface SetwiseOptions {
  /** Passages shown at once, 3 to 26. Default 4. */
  readonly size?: number | undefined;
  /** How many places are ordered; the rest stays as it was. Default 10. */
  readonly top?: number | undefined;
  /** Most words of a passage that are shown. Default 300. */
  readonly passageWords?: number | undefined;
  readonly prompt?: Prompt | undefined;
  readonly tokenizer?: Pick<Tokenizer, 'count'> | undefined;
}

/** Asks a chat model for the best of a few passages, in a heap with that many children: fewer calls than pairs (setwise, Zhuang et al. 2024). */
export function setwise(
  chat: ChatModel,
  { size = 4, top = 10, passageWords = 300, prompt = setPrompt, tokenizer }: SetwiseOptions = {},
): Reranker<'ordinal'> {
  if (!Number.isInteger(size) || size < 3 || size > 26)
    throw new ResiftError('invalid_config', `Expected \`size\` to be a whole number from 3 to 26, got ${size}.`);
  if (!Number.isInteger(top) || top < 1)
    throw new ResiftError('invalid_config', `Expected \`top\` to be a whole number of 1 or more, got ${top}.`);
  const id = `setwise(${chat.id}, ${size})`;
  const arity = size - 1;

  return createReranker({
    id,
    scale: 'ordinal',
    async score(query, texts, options) {
      const choose = chooser(chat, query, texts, options, { prompt, passageWords, tokenizer });
      const calls = (n: number) => Math.ceil(n / arity) * 2 + Math.min(top, n) * (1 + Math.ceil(Math.log(n) / Math.log(arity)));
      const reached = reachable(texts.length, options.tokenBudget, (n) => calls(n) * choose.cost(size));
      const order = await heapSelect(
        [...Array(reached).keys()],
        top,
        arity,
        async (candidates) => candidates[(await choose.best(candidates)) ?? 0]!,
      );
      readable(id, choose);
      return { values: ordinalScores(order, texts.length), usage: choose.usage() };
    },
  });
}
