import type { ChatModel, TokenEmbedder } from '@resift/core';

const words = (text: string): string[] => [...(text.toLowerCase().match(/[a-z]+/g) ?? [])];

export const overlap = (query: string, text: string): number => words(query).filter((word) => words(text).includes(word)).length;

/** Orders passages by word overlap, and answers in the form `listwise` asks for. */
export const overlapChat: ChatModel = {
  id: 'overlap',
  contextTokens: 8_000,
  async *stream([message]) {
    const query = /Query: (.*)/.exec(message!.content)![1]!;
    const passages = [...message!.content.matchAll(/^\[(\d+)\] (.*)$/gm)].map(([, number, text]) => ({ number, text: text! }));
    passages.sort((a, b) => overlap(query, b.text) - overlap(query, a.text));
    yield { text: passages.map((passage) => `[${passage.number}]`).join(' > ') };
  },
};

const DIMENSIONS = 64;

/** One axis per word, found by hashing; the sentence is their sum. */
export const hashingEmbedder: TokenEmbedder = {
  id: 'hashing',
  dimensions: DIMENSIONS,
  tokenDimensions: DIMENSIONS,
  async encode(texts) {
    return { encodings: texts.map(encode), usage: { calls: 1, inputTokens: texts.flatMap(words).length } };
  },
};

function encode(text: string) {
  const axes = words(text).map((word) => [...word].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % DIMENSIONS, 7));
  const data = new Float32Array(axes.length * DIMENSIONS);
  const sentence = new Float32Array(DIMENSIONS);
  for (const [i, axis] of axes.entries()) {
    data[i * DIMENSIONS + axis] = 1;
    sentence[axis]! += 1;
  }
  const length = Math.hypot(...sentence) || 1;
  const weights = new Float32Array(axes.length).fill(1);
  return {
    sentence: sentence.map((value) => value / length),
    tokens: { count: axes.length, dimensions: DIMENSIONS, data, weights },
    truncated: false,
  };
}
