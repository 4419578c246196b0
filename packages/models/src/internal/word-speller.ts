/** Token ids of one word and, two numbers per token, which of its UTF-16 units `[start, end)` each stands for. */
export interface Spelling {
  readonly ids: readonly number[];
  readonly bounds: readonly number[];
}

/** Spells one piece of a pre-tokenised text with the pieces of a vocabulary. */
export type WordSpeller = (word: string) => Spelling;
