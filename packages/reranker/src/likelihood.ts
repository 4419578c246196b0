import { addUsage, type ChatModel, createReranker, type Label, noUsage, type Reranker } from '@resift/core';
import { ask, forEachOf } from './internal/ask.ts';
import { pointwisePrompts } from './internal/pointwise-messages.ts';
import type { PointwiseOptions } from './pointwise.ts';
import { likelihoodPrompt } from './prompts/pointwise-prompts.ts';

/** Three groups, best first; equals keep the first-stage order. */
const SCORES: Readonly<Record<Label, number>> = { 'very likely': 1, likely: 1 / 2, unlikely: 1 / 3 };

/**
 * Asks a chat model how likely each passage answers the query: very likely, likely or unlikely. The words are the model's, not calibrated, so the scale is ordinal.
 * An answer that says none of them leaves the document without a score and counts as invalid.
 */
export function likelihood(
  chat: ChatModel,
  { concurrency = 8, passageWords = 300, prompt = likelihoodPrompt, tokenizer }: PointwiseOptions = {},
): Reranker<'ordinal'> {
  return createReranker({
    id: `likelihood(${chat.id}, ${prompt.id})`,
    scale: 'ordinal',
    async score(query, texts, { signal, tokenBudget }) {
      const { messages, truncated } = pointwisePrompts(chat, prompt, query, texts, { passageWords, tokenizer, tokenBudget });
      let usage = addUsage(noUsage, { truncated });
      const labels = await forEachOf(messages, concurrency, async (each) => {
        signal?.throwIfAborted();
        const { answer, usage: spent } = await ask(chat, each, { signal }, tokenizer);
        usage = addUsage(usage, spent);
        return labelIn(answer);
      });
      const values = texts.map((_, i) => (i >= labels.length ? undefined : labels[i] ? SCORES[labels[i]] : Number.NaN));
      return { values, labels: texts.map((_, i) => labels[i]), usage };
    },
  });
}

/** The label that an answer says, or none. */
export function labelIn(answer: string): Label | undefined {
  const plain = answer.toLowerCase();
  if (/\bunlikely\b|\bnot (very )?likely\b/.test(plain)) return 'unlikely';
  if (/\bvery likely\b/.test(plain)) return 'very likely';
  return /\blikely\b/.test(plain) ? 'likely' : undefined;
}
