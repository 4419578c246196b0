import {
  type ChatModel,
  createReranker,
  type GroundednessModel,
  type Passage,
  type Reranker,
  type Retriever,
  type SpanReader,
  type Tokenizer,
} from '@resift/core';
import { contentWords } from '../words.ts';

/** One-line fakes at the interfaces of core, for the tests of this package. */
export const tokenizer: Tokenizer = {
  count: (text) => text.split(/\s+/).filter(Boolean).length,
  truncate: (text, tokens) => text.split(/\s+/).slice(0, tokens).join(' '),
};

export function passage(id: string, text: string, more: Partial<Passage> = {}): Passage {
  return { id: `${id}#0`, documentId: id, text, start: 0, end: text.length, ...more };
}

/** Gives the passages in this order whatever is asked. */
export function fixedRetriever(passages: readonly Passage[]): Retriever<Passage> {
  return { id: 'fixed', retrieve: async (_, { topK }) => passages.slice(0, topK).map((document, i) => ({ document, score: 1 / (i + 1) })) };
}

/** Calibrated probabilities by the share of the question's words in the text. */
export const overlapReranker: Reranker<'probability'> = createReranker({
  id: 'overlap',
  scale: 'probability',
  score: async (query, texts) => {
    const wanted = [...new Set(contentWords(query))];
    return { values: texts.map((text) => wanted.filter((word) => contentWords(text).includes(word)).length / Math.max(1, wanted.length)) };
  },
});

/** Finds these words, each with its probability, in whatever passage holds them. */
export function fixedReader(answers: Readonly<Record<string, number>>, threshold = 0.5): SpanReader {
  return {
    id: 'fixed-reader',
    threshold,
    read: async (_, passages) => ({
      spans: passages.map((text) =>
        Object.entries(answers)
          .filter(([words]) => text.includes(words))
          .map(([words, probability]) => ({
            start: text.indexOf(words),
            end: text.indexOf(words) + words.length,
            text: words,
            probability,
          }))
          .sort((a, b) => b.probability - a.probability),
      ),
      usage: { calls: 1 },
    }),
  };
}

/** Says this, in these pieces, and keeps what it was asked. */
export function scriptedChat(...replies: (readonly string[])[]): ChatModel & { asked: { role: string; content: string }[][] } {
  const asked: { role: string; content: string }[][] = [];
  return {
    id: 'scripted',
    contextTokens: 8000,
    asked,
    async *stream(messages) {
      const reply = replies[Math.min(asked.length, replies.length - 1)]!;
      asked.push([...messages]);
      for (const text of reply) yield { text };
      yield { text: '', usage: { calls: 1, outputTokens: reply.length } };
    },
  };
}

/** Supports what the context holds word for word. */
export const wordForWord: GroundednessModel = {
  id: 'word-for-word',
  threshold: 0.5,
  check: async (context, claims) => ({ probabilities: claims.map((claim) => (context.includes(claim) ? 0.9 : 0.1)), usage: { calls: 1 } }),
};
