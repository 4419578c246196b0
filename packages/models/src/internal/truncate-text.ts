import type { Tokens } from '../pair-tokenizer.ts';

/** The longest beginning of the text that has at most so many tokens when it is encoded on its own. */
export function truncateText(encode: (text: string, options: { maxTokens: number }) => Tokens, text: string, tokens: number): string {
  const limit = Math.max(0, Math.floor(tokens));
  const { offsets } = encode(text, { maxTokens: limit + 1 });
  if (offsets.length <= 2 * limit) return text;
  // A cut inside a word may spell its beginning with more pieces than the whole word had: then one token less.
  for (let kept = limit; ; kept -= 1) {
    const beginning = text.slice(0, offsets[2 * kept]);
    if (kept === 0 || !encode(beginning, { maxTokens: limit }).truncated) return beginning;
  }
}
