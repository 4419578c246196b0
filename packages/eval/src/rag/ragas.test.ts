import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChatModel, Embedder } from '@resift/core';
import { expect, it } from 'vitest';
import { answerRelevancy, questionSimilarity } from './answer-relevancy.ts';
import { contextAveragePrecision, contextPrecision } from './context-precision.ts';
import { contextRecall, referenceCoverage } from './context-recall.ts';
import { faithfulness, groundedShare } from './faithfulness.ts';
import { noiseSensitivity } from './noise-sensitivity.ts';
import type { RagSample, RagScore } from './sample.ts';

interface Case {
  metric: string;
  sample: RagSample;
  replies: unknown[];
  expected: number;
}
// What PyPI ragas makes of the same replies; `parity/rag.py` wrote it.
const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/rag.json'), 'utf8')) as {
  vectors: Record<string, number[]>;
  cases: Case[];
};

const scripted = (replies: readonly unknown[]): ChatModel & { left: number } => {
  const script = replies.map((reply) => (typeof reply === 'string' ? reply : JSON.stringify(reply)));
  return {
    id: 'scripted',
    contextTokens: 8000,
    get left() {
      return script.length;
    },
    async *stream() {
      yield { text: script.shift() ?? 'the script is over', usage: { calls: 1, inputTokens: 10, outputTokens: 2 } };
    },
  };
};
const embedder: Embedder = {
  id: 'table',
  dimensions: 6,
  embed: async (texts) => ({ vectors: texts.map((text) => Float32Array.from(golden.vectors[text]!)), usage: {} }),
};

const METRICS: Record<string, (chat: ChatModel, sample: RagSample) => Promise<RagScore>> = {
  faithfulness: (chat, sample) => faithfulness(chat, sample),
  contextPrecision: (chat, sample) => contextPrecision(chat, sample),
  contextRecall: (chat, sample) => contextRecall(chat, sample),
  answerRelevancy: (chat, sample) => answerRelevancy(chat, embedder, sample),
  'noiseSensitivity relevant': (chat, sample) => noiseSensitivity(chat, sample, { mode: 'relevant' }),
  'noiseSensitivity irrelevant': (chat, sample) => noiseSensitivity(chat, sample, { mode: 'irrelevant' }),
};

it.each(Object.keys(METRICS))('%s equals ragas on the same replies', async (name) => {
  const cases = golden.cases.filter(({ metric }) => metric === name);
  expect(new Set(cases.map(({ expected }) => expected)).size).toBeGreaterThan(2);
  for (const { sample, replies, expected } of cases) {
    const chat = scripted(replies);
    const { value, usage } = await METRICS[name]!(chat, sample);
    expect(value).toBeCloseTo(expected, 6); // vectors here are 32-bit
    expect(chat.left).toBe(0);
    expect(usage.inputTokens).toBe(10 * replies.length);
  }
});

it('has no value where there is nothing to judge, instead of 0', async () => {
  const sample = { question: 'q', answer: 'a', contexts: ['c'], reference: 'r' };
  expect((await faithfulness(scripted([{ statements: [] }]), sample)).value).toBeUndefined();
  expect((await contextRecall(scripted([{ classifications: [] }]), sample)).value).toBeUndefined();
  expect((await noiseSensitivity(scripted([{ statements: ['r'] }, { statements: [] }]), sample)).value).toBeUndefined();
  await expect(noiseSensitivity(scripted([]), { ...sample, contexts: [] })).rejects.toThrow('at least one context');
});

const holds = {
  id: 'contains',
  judge: async (context: string, claims: readonly string[]) => ({
    verdicts: claims.map((claim) => ({ supported: context.includes(claim.replace(/\.$/, '')) })),
    usage: { calls: 0, inputTokens: 0, outputTokens: 0, truncated: 0 },
  }),
};

it('judges sentence by sentence without a chat model', async () => {
  const sample = {
    question: 'What did the ship carry?',
    answer: 'The ship carried tea to London [1]. It also carried four hundred live cats.',
    contexts: ['In May the ship carried tea', 'The ship carried tea to London and then sank'],
    reference: 'The ship carried tea to London.',
  };
  const { value, claims } = await groundedShare(holds, sample);
  expect(value).toBe(0.5);
  expect(claims.map(({ claim, supported }) => [claim, supported])).toEqual([
    ['The ship carried tea to London.', true],
    ['It also carried four hundred live cats.', false],
  ]);
  expect((await referenceCoverage(holds, sample)).value).toBe(1);
  expect((await groundedShare(holds, { ...sample, answer: '…' })).value).toBeUndefined();
});

it('has key-free relatives of context precision and answer relevancy', async () => {
  expect(contextAveragePrecision([false, true, true])).toBeCloseTo((1 / 2 + 2 / 3) / 2, 12);
  expect(contextAveragePrecision([false])).toBe(0);
  expect((await questionSimilarity(embedder, { question: 'guess 1', answer: 'guess 1' })).value).toBeCloseTo(1, 6);
});
