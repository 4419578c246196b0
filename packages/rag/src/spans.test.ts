import { SpanStatusCode, trace } from '@opentelemetry/api';
import { ResiftError, type Retriever } from '@resift/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { answer } from './answer.ts';
import { chatGenerator } from './chat-generator.ts';
import type { Rag } from './rag.ts';
import { search } from './search.ts';
import { fixedRetriever, overlapReranker, passage, scriptedChat, tokenizer } from './test/fakes.ts';
import { recordSpans } from './test/recorded-spans.ts';

let recorded: ReturnType<typeof recordSpans>;
beforeEach(() => {
  recorded = recordSpans();
});
afterEach(() => recorded.stop());

const passages = [passage('a', 'CANARY snow falls in Aspen.'), passage('b', 'CANARY nothing of the kind.')];
const inner: Retriever<(typeof passages)[number]> = {
  id: 'traced',
  async retrieve(query, options) {
    trace.getTracer('inner').startSpan('driver').end();
    return fixedRetriever(passages).retrieve(query, options);
  },
};
const rag: Rag = {
  retriever: inner,
  reranker: overlapReranker,
  generator: chatGenerator(scriptedChat(['Snow falls ', 'in Aspen [1].'])),
  tokenizer,
  ground: { id: 'ground', threshold: 0.5, check: async (_, claims) => ({ probabilities: claims.map(() => 0.9), usage: {} }) },
  limits: { candidates: 10, topN: 2, contextTokens: 500 },
};
const ask = async (given: Rag) => {
  for await (const _ of answer([{ role: 'user', content: 'CANARY: where does snow fall?' }], given)) {
    // to the end
  }
};

it('opens one span per stage, with counts and states and no text', async () => {
  await ask(rag);
  const { spans } = recorded;
  expect(spans.map(({ name }) => name)).toEqual(['resift.retrieve', 'driver', 'resift.rerank', 'resift.generate', 'resift.verify']);
  expect(spans.every(({ ended }) => ended)).toBe(true);
  expect(spans.map(({ parent }) => parent)).toEqual([undefined, 'resift.retrieve', undefined, undefined, undefined]);
  expect(spans[0]!.attributes).toMatchObject({ 'resift.found': 2, 'resift.leg.traced.status': 'ok' });
  expect(spans[2]!.attributes).toMatchObject({
    'resift.reranker': 'overlap',
    'resift.rerank.status': 'applied',
    'resift.rerank.scored': 2,
  });
  expect(spans[3]!.attributes).toMatchObject({ 'resift.sources': 2, 'resift.abstained': false });
  expect(spans[4]!.attributes).toMatchObject({
    'resift.verifier': 'ground',
    'resift.verify.status': 'checked',
    'resift.verify.sentences': 1,
  });
  expect(JSON.stringify(spans)).not.toMatch(/CANARY|snow|Aspen/i);
});

it('marks the stage that failed, by code alone', async () => {
  const failing = { id: 'failing', retrieve: async () => Promise.reject(new ResiftError('unavailable', 'CANARY')) };
  await expect(search('CANARY', { ...rag, retriever: failing })).rejects.toThrow();
  const broken = {
    ...rag.generator,
    generate: () => {
      throw new ResiftError('timeout', 'CANARY');
    },
  };
  await expect(ask({ ...rag, generator: broken })).rejects.toThrow();
  const failed = recorded.spans.filter(({ status }) => status?.code === SpanStatusCode.ERROR);
  expect(failed.map(({ name, attributes }) => [name, attributes['error.type']])).toEqual([
    ['resift.retrieve', 'unavailable'],
    ['resift.generate', 'timeout'],
  ]);
  expect(JSON.stringify(recorded.spans)).not.toContain('CANARY');
});

it('ends the span of a generator that nobody listens to any more', async () => {
  for await (const { type } of answer([{ role: 'user', content: 'Where does snow fall?' }], rag)) if (type === 'delta') break;
  expect(recorded.spans.at(-1)).toMatchObject({ name: 'resift.generate', ended: true });
});

it('tells of a reranker that was too late as a state, since nothing failed', async () => {
  const reranker = { ...overlapReranker, rerank: () => new Promise<never>(() => {}) };
  await search('snow', { ...rag, reranker, limits: { candidates: 10, rerankBudgetMs: 5 } });
  expect(recorded.spans.at(-1)).toMatchObject({
    name: 'resift.rerank',
    status: undefined,
    attributes: { 'resift.rerank.status': 'degraded', 'resift.rerank.reason': 'deadline' },
  });
});
