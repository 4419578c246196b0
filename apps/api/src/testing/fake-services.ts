import { createReranker, type Embedder, type GroundednessModel, type Scale, type SpanReader, type Tokenizer } from '@resift/core';
import { extractive } from '@resift/rag';
import { openMemoryStore } from '@resift/retrieval/stores/memory';
import type { Store } from '@resift/retrieval/stores/store';
import type { Services } from '../services.ts';

export const words = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

const share = (query: string, text: string) => {
  const asked = words(query);
  const there = new Set(words(text));
  return asked.filter((word) => there.has(word)).length / Math.max(1, asked.length);
};

const tokenizer: Tokenizer = {
  count: (text) => words(text).length,
  truncate: (text, tokens) =>
    text
      .split(/(?<=\s)/)
      .slice(0, tokens)
      .join(''),
};

/** One axis per word, found by hashing. */
const embedder: Embedder = {
  id: 'hashing@1',
  dimensions: 64,
  async embed(texts) {
    const vectors = texts.map((text) => {
      const vector = new Float32Array(64);
      for (const word of words(text)) vector[[...word].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 64, 7)]! += 1;
      const length = Math.hypot(...vector) || 1;
      return vector.map((value) => value / length);
    });
    return { vectors, usage: {} };
  },
};

/** Scores by shared words: enough to see an order, and every law of a reranker holds. */
export const overlap = <S extends Scale>(id: string, scale: S): ReturnType<typeof createReranker<S>> =>
  createReranker({
    id,
    scale,
    score: async (query, texts) => ({ values: texts.map((text) => share(query, text)), usage: { calls: 1, inputTokens: texts.length } }),
  });

/** Takes the sentence that shares most words with the question. */
const reader: SpanReader = {
  id: 'best-sentence',
  threshold: 0.5,
  async read(question, passages) {
    const spans = passages.map((text) =>
      [...text.matchAll(/[^.]+\./g)]
        .map(({ 0: sentence, index }) => ({
          start: index,
          end: index + sentence.length,
          text: sentence,
          probability: share(question, sentence),
        }))
        .sort((a, b) => b.probability - a.probability),
    );
    return { spans, usage: { calls: 1, inputTokens: 10 } };
  },
};

const ground: GroundednessModel = {
  id: 'overlap-ground',
  threshold: 0.5,
  check: async (context, claims) => ({ probabilities: claims.map((claim) => Math.min(1, share(claim, context))), usage: {} }),
};

/** Everything the app needs, in memory and without a model. */
export function fakeServices(change: Partial<Services> = {}): Services {
  const stores = new Map<string, Store>();
  return {
    async store(tenant) {
      const store = stores.get(tenant) ?? openMemoryStore({ embedder, tokenizer });
      stores.set(tenant, store);
      return store;
    },
    rerankers: new Map([
      ['resift-mini', { reranker: overlap('mini@1', 'probability'), raw: overlap('mini-raw@1', 'logit') }],
      ['resift-tiny', { reranker: overlap('tiny@1', 'probability') }],
    ]),
    presets: new Map([
      ['fast', { reranker: overlap('tiny@1', 'probability'), budgetMs: 200 }],
      ['balanced', { reranker: overlap('mini@1', 'probability'), budgetMs: 800 }],
    ]),
    extractive: extractive(reader),
    tokenizer,
    ground,
    async warm() {},
    readiness: async () => ({ ready: true, parts: { models: { status: 'ready' } } }),
    async close() {},
    async [Symbol.asyncDispose]() {},
    ...change,
  };
}
