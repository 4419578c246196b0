import { type ChatMessage, type ChatModel, ResiftError, type Tokenizer } from '@resift/core';
import { type Prompt, renderPrompt } from '../prompts/prompt.ts';
import { promptTokens } from './ask.ts';
import { countWords, firstWords, withoutIdentifiers } from './passage-words.ts';

interface Limits {
  readonly window: number;
  readonly passageWords: number;
  readonly tokenizer: Pick<Tokenizer, 'count'> | undefined;
}

export interface ListwisePrompts {
  messages(shown: readonly number[]): ChatMessage[];
  /** Passages of which not everything is shown. */
  readonly truncated: number;
  readonly tokens: { readonly frame: number; readonly passages: readonly number[] };
}

/** Prepares the passages of one call: identifiers defused, each cut to so many words that the fullest window fits the model. `input_too_long` where the query alone does not. */
export function listwisePrompts(
  chat: ChatModel,
  prompt: Prompt,
  query: string,
  texts: readonly string[],
  { window, passageWords, tokenizer }: Limits,
): ListwisePrompts {
  const asked = { query: withoutIdentifiers(query) };
  const plain = texts.map(withoutIdentifiers);
  const lengths = plain.map(countWords);
  const tokensOf = (passages: readonly string[]) => promptTokens(renderPrompt(prompt, asked, passages), tokenizer);
  const frame = tokensOf([]);
  const size = Math.min(window, texts.length);
  // The answer names every passage: about five tokens each.
  const room = chat.contextTokens - 5 * size - 50;

  let words = Math.min(passageWords, Math.max(1, ...lengths));
  let cut = plain.map((text) => firstWords(text, words));
  let each = cut.map((passage) => tokensOf([passage]) - frame);
  for (let over = excess(each); over > 0; over = excess(each)) {
    if (words === 1) {
      throw new ResiftError(
        'input_too_long',
        `The query and ${size} passages do not fit the ${chat.contextTokens} tokens of ${chat.id}: shorten the query or use a smaller window.`,
        {
          details: { contextTokens: chat.contextTokens },
        },
      );
    }
    words = Math.max(1, words - Math.max(1, Math.floor(over / (size * 4))));
    cut = plain.map((text) => firstWords(text, words));
    each = cut.map((passage) => tokensOf([passage]) - frame);
  }

  function excess(passages: readonly number[]): number {
    const dearest = [...passages].sort((a, b) => b - a).slice(0, size);
    return frame + dearest.reduce((sum, count) => sum + count, 0) - room;
  }

  return {
    messages: (shown) =>
      renderPrompt(
        prompt,
        asked,
        shown.map((position) => cut[position]!),
      ),
    truncated: lengths.filter((length) => length > words).length,
    tokens: { frame, passages: each },
  };
}
