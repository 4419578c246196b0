import type { Embedder, Tokenizer } from '@resift/core';

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

export const wordTokenizer: Tokenizer = {
  count: (text) => words(text).length,
  truncate: (text, tokens) => text.split(/\s+/).slice(0, tokens).join(' '),
};
