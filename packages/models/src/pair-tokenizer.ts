import type { Tokenizer } from '@resift/core';

/** Token ids of a text and where in it each token came from. */
export interface Tokens {
  readonly ids: Int32Array;
  /** UTF-16 offsets `[start, end)` into the text as it was given, two numbers per token. */
  readonly offsets: Uint32Array;
  /** Whether the text went on after the last token given. */
  readonly truncated: boolean;
}

/** The special tokens around two texts that are read together, e.g. `[CLS] first [SEP] second [SEP]` or `<s> first </s></s> second </s>`. */
export interface PairFrame {
  readonly before: readonly number[];
  readonly between: readonly number[];
  readonly after: readonly number[];
  /** Token type of the second text and of what follows it; everything before has 0. Read only by models that have token types. */
  readonly secondType: number;
  readonly pad: number;
}

/** A tokenizer of a model that reads pairs of texts. */
export interface PairTokenizer extends Tokenizer {
  /** Number of entries in the vocabulary. */
  readonly size: number;
  readonly frame: PairFrame;
  /** Adds no special tokens, but like Hugging Face's takes those that stand in the text for them. Gives at most `maxTokens` (default: all). */
  encode(text: string, options?: { readonly maxTokens?: number | undefined }): Tokens;
}
