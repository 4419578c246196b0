import { type Embedder, onGrid, type TextEncoding, type TokenEmbedder, type Tokenizer } from '@resift/core';

const words = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** One axis per word, found by hashing; texts that share words are near each other. */
export function hashingEmbedder(id = 'hashing', dimensions = 64): Embedder {
  return {
    id,
    dimensions,
    async embed(texts) {
      const vectors = texts.map((text) => {
        const vector = new Float32Array(dimensions).fill(1e-3);
        for (const word of words(text))
          vector[[...word].reduce((hash, letter) => (hash * 31 + letter.codePointAt(0)!) >>> 0, 7) % dimensions]! += 1;
        const length = Math.hypot(...vector);
        return vector.map((value) => value / length);
      });
      return { vectors, usage: {} };
    },
  };
}

const TOKEN_DIMENSIONS = 24;

/** The sentence vectors of `hashingEmbedder`, and for each word a vector full of odd numbers. Counts the texts it was given. */
export function hashingTokenEmbedder(id = 'hashing'): TokenEmbedder & { readonly asked: string[] } {
  const { embed, dimensions } = hashingEmbedder(id);
  const asked: string[] = [];
  return {
    id,
    dimensions,
    tokenDimensions: TOKEN_DIMENSIONS,
    asked,
    async encode(texts, kind) {
      asked.push(...texts);
      const { vectors } = await embed(texts, kind);
      const encodings = texts.map((text, i): TextEncoding => {
        const words = text.split(/\s+/).filter(Boolean).slice(0, 50);
        const data = new Float32Array(
          words.flatMap((word) => Array.from({ length: TOKEN_DIMENSIONS }, (_, k) => Math.sin(word.length * (k + 1) + word.charCodeAt(0)))),
        );
        const tokens = { count: words.length, dimensions: TOKEN_DIMENSIONS, data };
        return { sentence: vectors[i]!, tokens: kind === 'document' ? onGrid(tokens) : tokens, truncated: words.length === 50 };
      });
      return { encodings, usage: {} };
    },
  };
}

export const wordTokenizer: Tokenizer = {
  count: (text) => words(text).length,
  truncate: (text, tokens) => text.split(/\s+/).slice(0, tokens).join(' '),
};
