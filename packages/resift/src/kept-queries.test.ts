import type { Embedder, TextEncoding, TokenEmbedder } from '@resift/core';
import { expect, it } from 'vitest';
import { keptQueries } from './kept-queries.ts';

function counting() {
  const asked: string[] = [];
  const encode = (text: string): TextEncoding => ({
    sentence: Float32Array.of(text.length),
    tokens: { count: 0, dimensions: 1, data: new Float32Array() },
    truncated: false,
  });
  const encoder: Embedder & TokenEmbedder = {
    id: 'fake',
    dimensions: 1,
    tokenDimensions: 1,
    async encode(texts, kind, { tokenBudget = Infinity } = {}) {
      asked.push(...texts.map((text) => `${kind} ${text}`));
      return { encodings: texts.map((text) => (text.length > tokenBudget ? undefined : encode(text))), usage: { inputTokens: 7 } };
    },
    async embed(texts, kind) {
      asked.push(...texts.map((text) => `embed ${kind} ${text}`));
      return { vectors: texts.map((text) => encode(text).sentence), usage: {} };
    },
  };
  return { asked, kept: keptQueries(encoder) };
}

it('reads a question once, for its search and for its reranking, and says what it cost', async () => {
  const { asked, kept } = counting();
  expect(await kept.embed(['why?'], 'query')).toEqual({ vectors: [Float32Array.of(4)], usage: { inputTokens: 7 } });
  const { encodings, usage } = await kept.encode(['why?'], 'query');
  expect(encodings[0]!.sentence[0]).toBe(4);
  expect(usage).toEqual({});
  expect(asked).toEqual(['query why?']);
});

it('remembers no document, nothing that a budget left out, and not for ever', async () => {
  const { asked, kept } = counting();
  await kept.embed(['why?'], 'document');
  await kept.encode(['why?'], 'document');
  expect((await kept.encode(['why?'], 'query', { tokenBudget: 1 })).encodings).toEqual([undefined]);
  await kept.encode(['why?'], 'query');
  for (let i = 0; i < 256; i++) await kept.encode([`${i}`], 'query');
  await kept.encode(['why?'], 'query');
  expect(asked.filter((one) => one === 'query why?')).toHaveLength(3);
  await expect(kept.encode(['why?'], 'query', { signal: AbortSignal.abort('left') })).rejects.toBe('left');
});
