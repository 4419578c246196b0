import {
  addUsage,
  type CallOptions,
  type ChatMessage,
  type ChatModel,
  createReranker,
  noUsage,
  type Reranker,
  type Tokenizer,
  type Usage,
} from '@resift/core';
import { forEachOf, promptTokens } from './internal/ask.ts';
import { pointwisePrompts } from './internal/pointwise-messages.ts';
import { yesNoPrompt } from './prompts/pointwise-prompts.ts';
import type { Prompt } from './prompts/prompt.ts';

/** A chat model that can tell the log probabilities of its first answer token (OpenAI: `logprobs`, `top_logprobs` 20, `max_tokens` 1). */
export interface LogprobModel extends Pick<ChatModel, 'id' | 'contextTokens'> {
  firstToken(
    messages: readonly ChatMessage[],
    options?: CallOptions,
  ): Promise<{ readonly logprobs: readonly TokenLogprob[]; readonly usage?: Partial<Usage> }>;
}

export interface TokenLogprob {
  readonly token: string;
  /** Natural logarithm; -9999 and below means "not among the likeliest". */
  readonly logprob: number;
}

export interface PointwiseOptions {
  /** Calls at once. Default 8. */
  readonly concurrency?: number | undefined;
  /** Most words of a passage that are shown; fewer where it would not fit the model. Default 300. */
  readonly passageWords?: number | undefined;
  readonly prompt?: Prompt | undefined;
  readonly tokenizer?: Pick<Tokenizer, 'count'> | undefined;
}

/**
 * Asks a chat model whether a passage answers the query, and compares the probabilities of yes and no: the logit is log P(yes) - log P(no). Where only one of them is
 * among the likeliest tokens, the other counts as the least likely of those. Where neither is, the document has no score and counts as invalid.
 */
export function pointwise(
  model: LogprobModel,
  { concurrency = 8, passageWords = 300, prompt = yesNoPrompt, tokenizer }: PointwiseOptions = {},
): Reranker<'logit'> {
  return createReranker({
    id: `pointwise(${model.id}, ${prompt.id})`,
    scale: 'logit',
    async score(query, texts, { signal, tokenBudget }) {
      const { messages, truncated } = pointwisePrompts(model, prompt, query, texts, { passageWords, tokenizer, tokenBudget });
      let usage = addUsage(noUsage, { truncated });
      const values = await forEachOf(messages, concurrency, async (each) => {
        signal?.throwIfAborted();
        const answer = await model.firstToken(each, { signal });
        usage = addUsage(usage, { calls: 1, ...answer.usage, inputTokens: answer.usage?.inputTokens ?? promptTokens(each, tokenizer) });
        return yesNoLogit(answer.logprobs);
      });
      return { values: texts.map((_, i) => values[i]), usage };
    },
  });
}

/** log P(yes) - log P(no) over all spellings of the two; NaN where neither is there. */
export function yesNoLogit(logprobs: readonly TokenLogprob[]): number {
  const likely = logprobs.filter(({ logprob }) => logprob > -9999);
  const sum = (word: string) =>
    likely
      .filter(({ token }) => token.replaceAll(/[^\p{L}]/gu, '').toLowerCase() === word)
      .reduce((total, { logprob }) => total + Math.exp(logprob), 0);
  const [yes, no] = [sum('yes'), sum('no')];
  if (yes === 0 && no === 0) return Number.NaN;
  const least = Math.exp(Math.min(...likely.map(({ logprob }) => logprob)));
  return Math.log(yes || least) - Math.log(no || least);
}
