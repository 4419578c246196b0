import { type ChatModel, createReranker, type PairModel, type Reranker, type TokenEmbedder } from '@resift/core';
import { aiSdkReranker } from '@resift/reranker/ai-sdk';
import { cached } from '@resift/reranker/cached';
import { calibrated } from '@resift/reranker/calibrated';
import { cascade } from '@resift/reranker/cascade';
import { crossEncoder } from '@resift/reranker/cross-encoder';
import { withDeadline } from '@resift/reranker/deadline';
import { ensemble } from '@resift/reranker/ensemble';
import { failOpen } from '@resift/reranker/fail-open';
import { fused } from '@resift/reranker/fusion';
import { memoryKeyValue } from '@resift/reranker/key-value';
import { labelled } from '@resift/reranker/labelled';
import { lateInteraction } from '@resift/reranker/late-interaction';
import { liftMonitor } from '@resift/reranker/lift';
import { likelihood } from '@resift/reranker/likelihood';
import { listwise } from '@resift/reranker/listwise';
import { maxPassage } from '@resift/reranker/max-passage';
import { monitored } from '@resift/reranker/monitored';
import { pairwise } from '@resift/reranker/pairwise';
import { type LogprobModel, pointwise } from '@resift/reranker/pointwise';
import { setwise } from '@resift/reranker/setwise';
import { atLeastDocuments, when } from '@resift/reranker/when';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashingEmbedder, overlap, overlapChat, overlapLogprobs } from './fakes.ts';
import { hostedFamilies, type RankServer, startRankServer } from './rank-server.ts';

/** What an engine does to a text: judge it, or break. */
type Judge = (query: string, text: string) => number;
const sound: Judge = overlap;
const broken: Judge = () => Number.NaN;
/** One text in twenty has no number. */
const flawed: Judge = (query, text) => (text === 'text 3' ? Number.NaN : overlap(query, text));

const scorer = (judge: Judge) =>
  createReranker({ id: 'plain', scale: 'logit', score: async (query, texts) => ({ values: texts.map((text) => judge(query, text)) }) });
const probable = (judge: Judge) => calibrated(scorer(judge), { kind: 'platt', a: 1, b: 0 });
const pairs = (judge: Judge): PairModel => ({
  id: 'pairs',
  score: async (query, texts) => ({ logits: texts.map((text) => judge(query, text)), usage: {} }),
});
const embedder = (judge: Judge): TokenEmbedder => ({
  ...hashingEmbedder,
  async encode(texts, kind, options) {
    const { encodings, usage } = await hashingEmbedder.encode(texts, kind, options);
    const isWrong = (i: number) => kind === 'document' && Number.isNaN(judge('', texts[i]!));
    const worse = encodings.map((one, i) =>
      one && isWrong(i) ? { ...one, tokens: { ...one.tokens, data: new Float32Array(one.tokens.data.length).fill(Number.NaN) } } : one,
    );
    return { encodings: worse, usage };
  },
});
/** A chat model that keeps to no format wherever the judge breaks. */
const chat = (judge: Judge): ChatModel => ({
  ...overlapChat,
  async *stream(messages, options) {
    const prompt = messages.map(({ content }) => content).join('\n');
    const text = /Passage: (.*)/.exec(prompt)?.[1] ?? 'text 0';
    if (Number.isNaN(judge('', text))) yield { text: 'I would rather talk about something else.' };
    else yield* overlapChat.stream(messages, options);
  },
});
const logprobs = (judge: Judge): LogprobModel => ({
  ...overlapLogprobs,
  async firstToken(messages, options) {
    const text = /Passage: (.*)/.exec(messages[0]!.content)![1]!;
    return Number.isNaN(judge('', text)) ? { logprobs: [{ token: 'Hm', logprob: -0.1 }] } : overlapLogprobs.firstToken(messages, options);
  },
});
const aiModel = (judge: Judge) => ({
  specificationVersion: 'v3' as const,
  provider: 'x',
  modelId: 'y',
  doRerank: async ({ query, documents: { values } }: { query: string; documents: { values: readonly unknown[] } }) => ({
    ranking: values.map((text, index) => ({ index, relevanceScore: judge(query, String(text)) })),
  }),
});

let servers: Map<Judge, RankServer>;
beforeAll(async () => {
  const start = (judge: Judge) => startRankServer((query, text) => (Number.isNaN(judge(query, text)) ? null : judge(query, text)));
  servers = new Map([
    [sound, await start(sound)],
    [broken, await start(broken)],
  ]);
});
afterAll(() => {
  for (const server of servers.values()) server.close();
});

/** Families that judge each text by itself: a few that have no number are skipped and counted. */
const byText: Readonly<Record<string, (judge: Judge) => Reranker>> = {
  'late interaction': (judge) => lateInteraction(embedder(judge)),
  'cross-encoder': (judge) => crossEncoder(pairs(judge)),
  pointwise: (judge) => pointwise(logprobs(judge)),
  likelihood: (judge) => likelihood(chat(judge)),
  'a model of the AI SDK': (judge) => aiSdkReranker(aiModel(judge)),
  calibrated: probable,
  labelled: (judge) => labelled(probable(judge), { veryLikely: 0.9, likely: 0.5 }),
  cached: (judge) => cached(scorer(judge), { store: memoryKeyValue(), tenant: 'a', identity: [] }),
  'with a deadline': (judge) => withDeadline(scorer(judge), 60_000),
  'fail open': (judge) => failOpen(scorer(judge)),
  when: (judge) => when([atLeastDocuments(1)], scorer(judge)),
  monitored: (judge) => monitored(scorer(judge), { monitor: liftMonitor(), sample: 1 }),
};
/** Families that make one order of all, or send all at once. */
const whole: Readonly<Record<string, (judge: Judge) => Reranker>> = {
  listwise: (judge) => listwise(chat(judge)),
  pairwise: (judge) => pairwise(chat(judge)),
  setwise: (judge) => setwise(chat(judge)),
  cascade: (judge) => cascade(scorer(judge), 5, scorer(judge)),
  fused: (judge) => fused([scorer(judge), scorer(judge)]),
  ensemble: (judge) => ensemble([probable(judge), probable(judge)]),
  'the best passage': (judge) => maxPassage(scorer(judge), (text) => [text]),
  ...Object.fromEntries(
    Object.entries(hostedFamilies).map(([name, open]) => [name, (judge: Judge) => open((servers.get(judge) ?? servers.get(sound))!.url)]),
  ),
};
const all = Object.entries({ ...byText, ...whole });
const numbered = Array.from({ length: 20 }, (_, i) => Object.freeze({ id: `d${i}`, text: `text ${i}` }));

describe.each(all)('%s', (name, open) => {
  it('bears texts that are empty or white space: each one is ranked or skipped', async () => {
    const documents = ['', ' ', '\n\t', ''].map((text, i) => ({ id: String(i), text }));
    const { items, skipped, status } = await open(sound).rerank('film star', documents);
    expect([...items.map(({ document }) => document), ...skipped]).toHaveLength(4);
    expect(status.window).toBe(4);
  });

  it('loses nothing where there is more than its budget allows', async () => {
    const { items, skipped, status } = await open(sound).rerank('film star', numbered, { tokenBudget: 0 });
    expect(new Set([...items.map(({ document }) => document), ...skipped]).size).toBe(20);
    expect(status.scored).toBe(items.length);
  });

  it('refuses what a model gave for no text a number, and says so', async () => {
    const work = open(broken).rerank('film star', numbered);
    if (name === 'fail open') {
      const { items, skipped, status } = await work;
      expect([items.length, skipped.length, status.status]).toEqual([0, 20, 'degraded']);
    } else await expect(work).rejects.toMatchObject({ code: 'bad_output' });
  });
});

it.each(Object.entries(byText))('%s skips and counts one text in twenty that got no number', async (_, open) => {
  const { items, skipped, status } = await open(flawed).rerank('film star', numbered);
  expect(items).toHaveLength(19);
  expect(skipped).toEqual([numbered[3]]);
  expect(status).toMatchObject({ status: 'partial', invalid: 1 });
});
