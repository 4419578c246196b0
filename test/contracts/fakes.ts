import type { ChatModel, TokenEmbedder } from '@resift/core';
import type { LogprobModel } from '@resift/reranker/pointwise';

const words = (text: string): string[] => [...(text.toLowerCase().match(/[a-z]+/g) ?? [])];

export const overlap = (query: string, text: string): number => words(query).filter((word) => words(text).includes(word)).length;

/** Judges by word overlap, and answers in the form each prompt asks for. */
export const overlapChat: ChatModel = {
  id: 'overlap',
  contextTokens: 8_000,
  async *stream(messages) {
    const prompt = messages.map(({ content }) => content).join('\n');
    const query = /(?:[Qq]uery: (.*)|query "(.*?)")/.exec(prompt)!.slice(1).find(Boolean)!;
    if (prompt.includes('very likely, likely, unlikely')) {
      const shared = overlap(query, /Passage: (.*)/.exec(prompt)![1]!);
      yield { text: shared >= 3 ? 'Very likely.' : shared === 2 ? 'likely' : 'This is unlikely' };
      return;
    }
    const numbered = [...prompt.matchAll(/^\[(\d+)\] ?(.*)$/gm)];
    const lettered = [...prompt.matchAll(/^Passage ([A-Z]): "(.*)"$/gm)];
    const passages = [...numbered, ...lettered].map(([, name, text]) => ({ name: name!, text: text! }));
    passages.sort((a, b) => overlap(query, b.text) - overlap(query, a.text));
    yield { text: numbered.length > 0 ? passages.map(({ name }) => `[${name}]`).join(' > ') : `Passage ${passages[0]!.name}` };
  },
};

/** The more words are shared, the likelier is a yes. */
export const overlapLogprobs: LogprobModel = {
  id: 'overlap',
  contextTokens: 8_000,
  async firstToken([message]) {
    const [, passage, query] = /Passage: (.*)\n\nQuery: (.*)\n/.exec(message!.content)!;
    const yes = 1 / (1 + Math.exp(2 - overlap(query!, passage!)));
    return {
      logprobs: [
        { token: ' Yes', logprob: Math.log(yes) },
        { token: 'No', logprob: Math.log(1 - yes) },
      ],
    };
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
