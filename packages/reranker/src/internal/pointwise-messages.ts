import { type ChatMessage, type ChatModel, ResiftError, type Tokenizer } from '@resift/core';
import { type Prompt, renderPrompt } from '../prompts/prompt.ts';
import { promptTokens } from './ask.ts';
import { countWords, firstWords } from './passage-words.ts';

interface Limits {
  readonly passageWords: number;
  readonly tokenizer: Pick<Tokenizer, 'count'> | undefined;
  readonly tokenBudget: number | undefined;
}

/**
 * One prompt for each text that the budget reaches, in input order. The passage is cut to so many words that the prompt fits the model; the query never is:
 * `input_too_long` where it does not fit.
 */
export function pointwisePrompts(
  model: Pick<ChatModel, 'id' | 'contextTokens'>,
  prompt: Prompt,
  query: string,
  texts: readonly string[],
  { passageWords, tokenizer, tokenBudget = Infinity }: Limits,
): { messages: ChatMessage[][]; truncated: number } {
  const room = model.contextTokens - 20;
  const messages: ChatMessage[][] = [];
  let truncated = 0;
  let left = tokenBudget;

  for (const text of texts) {
    const all = countWords(text);
    let words = Math.min(all, passageWords);
    let rendered = render(text, words);
    while (promptTokens(rendered, tokenizer) > room && words > 0) {
      words = Math.floor(words * 0.8);
      rendered = render(text, words);
    }
    const tokens = promptTokens(rendered, tokenizer);
    if (tokens > room) {
      throw new ResiftError('input_too_long', `The query does not fit the ${model.contextTokens} tokens of ${model.id}: shorten it.`, {
        details: { contextTokens: model.contextTokens },
      });
    }
    left -= tokens;
    if (left < 0) break;
    messages.push(rendered);
    if (words < all) truncated += 1;
  }
  return { messages, truncated };

  function render(text: string, words: number): ChatMessage[] {
    return renderPrompt(prompt, { query, passage: firstWords(text, words) }, []);
  }
}
