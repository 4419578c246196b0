import type { Tokenizer } from './tokenizer.ts';

/** Together with the default chunk and two special tokens a title of this length stays within 256 tokens. */
const TITLE_TOKENS = 28;

/**
 * What a model reads of a passage: its document's title, of which at most 28 tokens count, above its text. Indexing and reranking read the same, so that vectors
 * kept from the one serve the other. Without a tokenizer the title stays whole.
 */
export function passageText(
  { title, text }: { readonly title?: string | undefined; readonly text: string },
  tokenizer?: Tokenizer,
): string {
  if (!title) return text;
  return `${tokenizer ? tokenizer.truncate(title, TITLE_TOKENS) : title}\n${text}`;
}
