import { expect, it } from 'vitest';
import { lexicalJudge } from '../judge/lexical.ts';
import {
  answerInContextAt,
  answerMetrics,
  citationMetrics,
  goldInContextAt,
  groundedAnswersOf,
  groundedShareOf,
  verdictMetrics,
} from './answer-metrics.ts';
import type { Question } from './data-set.ts';
import { latencyOf, type Metric } from './metric.ts';
import type { Outcome } from './system.ts';

const judge = lexicalJudge();
const question: Question = {
  id: 'q',
  text: 'When was the bridge of Sund opened?',
  answers: ['1903'],
  goldText: 'The bridge of Sund was opened in 1903.',
  judged: new Map([['gold', 1]]),
};
const unanswerable: Question = {
  id: 'u',
  text: 'Who painted the bridge of Sund?',
  answers: [],
  goldText: 'The bridge of Sund was opened in 1903.',
};
const contexts = [
  { documentId: 'other', text: 'The tower of Sund is older than the town.' },
  { documentId: 'gold', text: 'The bridge of Sund was opened in 1903 by the mayor.' },
];
const said = (text: string, more: Partial<Outcome> = {}): Outcome => ({
  ranked: [],
  contexts,
  answer: { text, abstained: false },
  stages: {},
  ...more,
});
const abstains: Outcome = { ...said('I do not know.'), answer: { text: 'I do not know.', abstained: true } };
const value = (metric: Metric, outcome: Outcome, asked = question) => metric.measure(asked, outcome, {});
const named = (metrics: readonly Metric[], name: string) => metrics.find((metric) => metric.name === name)!;

it.each([
  ['context', 'hallucination rate', 0],
  ['gold', 'hallucination rate (support from the gold passage)', 0],
  ['none', 'hallucination rate (gold answers only)', 0],
] as const)('counts hallucinations by support from %s', async (supportedBy, name, right) => {
  const rate = named(verdictMetrics(judge, { supportedBy }), name);
  expect(await value(rate, said('The bridge of Sund was opened in 1903.'))).toBe(right);
  expect(await value(rate, said('The bridge of Sund was opened in 1911.'))).toBe(1);
  expect(await value(rate, abstains)).toBe(0);
  expect(await value(rate, said('The painter was Ada.'), unanswerable)).toBe(1);
  expect(await value(rate, abstains, unanswerable)).toBe(0);
  expect(await value(rate, said('x'), { id: 'n', text: 'no answers are known' })).toBeUndefined();
});

it('calls a right answer that its passages do not carry unsupported, and only then asks the judge', async () => {
  const nowhere = said('The bridge of Sund was opened in 1903.', { contexts: contexts.slice(0, 1) });
  const [rate, share, right, rightAnswer, miss] = verdictMetrics(judge);
  expect(await value(rate!, nowhere)).toBe(1);
  expect(
    await value(named(verdictMetrics(judge, { supportedBy: 'gold' }), 'hallucination rate (support from the gold passage)'), nowhere),
  ).toBe(0);
  expect(await value(right!, nowhere)).toBe(0);
  expect([await value(share!, abstains), await value(rightAnswer!, abstains), await value(miss!, abstains)]).toEqual([undefined, 0, 1]);
  expect([await value(right!, abstains, unanswerable), await value(miss!, abstains, unanswerable)]).toEqual([1, undefined]);
  const silent = { id: 'silent', judge: () => Promise.reject(new Error('asked')) };
  expect(await value(verdictMetrics(silent)[0]!, said('1911'))).toBe(1);
  await expect(value(verdictMetrics(silent)[0]!, said('1903'))).rejects.toThrow('asked');
});

it('asks of every asserted answer, right or wrong, whether the passages carry it', async () => {
  const grounded = groundedAnswersOf(judge);
  expect(await value(grounded, said('The bridge of Sund was opened in 1903 by the mayor.'))).toBe(1);
  expect(await value(grounded, said('The bridge of Sund was opened in 1911.'))).toBe(0);
  expect(await value(grounded, abstains)).toBeUndefined();
  expect(await value(groundedShareOf(judge), said('The bridge of Sund was opened in 1903. The queen sold seven elephants there.'))).toBe(
    0.5,
  );
});

it('measures citations, words and places of the gold passage', async () => {
  const text = 'The bridge of Sund was opened in 1903.';
  const cited = said(text, { answer: { text, abstained: false, citations: [{ start: 0, end: text.length, text: contexts[1]!.text }] } });
  for (const metric of citationMetrics(judge)) {
    expect(await value(metric, cited)).toBe(1);
    expect(await value(metric, said(text))).toBeUndefined();
  }
  expect([1, 2].map((k) => value(goldInContextAt(k), cited))).toEqual([0, 1]);
  expect([1, 2].map((k) => value(answerInContextAt(k), cited))).toEqual([0, 1]);
  expect(answerMetrics.map((metric) => value(metric, abstains, unanswerable))).toEqual([1, 1, 1]);
  expect(value(named(answerMetrics, 'F1'), said('in 1903'))).toBeCloseTo(2 / 3, 9);
});

it('adds up the times of stages, and takes processor time for no stage', () => {
  const timed = said('x', { stages: { retrieve: 2, rerank: 5, cpu: 11 } });
  expect([latencyOf(), latencyOf('rerank'), latencyOf('cpu')].map((metric) => value(metric, timed))).toEqual([7, 5, 11]);
});
