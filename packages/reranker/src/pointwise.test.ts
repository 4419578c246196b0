import type { ChatModel } from '@resift/core';
import { expect, it } from 'vitest';
import { labelIn, likelihood } from './likelihood.ts';
import { type LogprobModel, pointwise, yesNoLogit } from './pointwise.ts';

const prompts: string[] = [];
const model = (answer: (passage: string) => { token: string; logprob: number }[], contextTokens = 10_000): LogprobModel => ({
  id: 'm',
  contextTokens,
  async firstToken([message]) {
    prompts.push(message!.content);
    return { logprobs: answer(/Passage: (.*)\n/.exec(message!.content)![1]!), usage: { inputTokens: 10 } };
  },
});
const documents = ['yes', 'maybe', 'no'].map((text, i) => ({ id: `d${i}`, text }));
const confident = model((passage) => {
  const p = { yes: 0.9, maybe: 0.5 }[passage] ?? 0.1;
  return [
    { token: 'Yes', logprob: Math.log(p) },
    { token: 'No', logprob: Math.log(1 - p) },
  ];
});

it('gives log P(yes) - log P(no)', async () => {
  const { items, usage, scale } = await pointwise(confident).rerank('q', documents.toReversed());
  expect(items.map(({ document }) => document.text)).toEqual(['yes', 'maybe', 'no']);
  expect(items[0]!.score).toBeCloseTo(Math.log(9), 9);
  expect(items[1]!.score).toBeCloseTo(0, 9);
  expect(scale).toBe('logit');
  expect(usage).toMatchObject({ calls: 3, inputTokens: 30 });
});

it('adds up spellings, takes the least likely token for the missing one, and nothing for neither', () => {
  const at = (token: string, p: number) => ({ token, logprob: Math.log(p) });
  expect(yesNoLogit([at(' Yes', 0.4), at('yes', 0.2), at('YES.', 0.2), at('no', 0.2)])).toBeCloseTo(Math.log(4), 9);
  expect(yesNoLogit([at('Yes', 0.8), at('The', 0.1), at('Well', 0.05)])).toBeCloseTo(Math.log(16), 9);
  expect(yesNoLogit([at('The', 0.8), { token: 'yes', logprob: -9999 }])).toBeNaN();
  expect(yesNoLogit([])).toBeNaN();
});

it('refuses a model that never says yes or no', async () => {
  await expect(pointwise(model(() => [{ token: 'Hm', logprob: 0 }])).rerank('q', documents)).rejects.toMatchObject({
    code: 'bad_output',
    details: { reason: 'invalid_scores' },
  });
});

it('spends the budget from the front', async () => {
  const words = { count: (text: string) => text.split(/\s+/).length };
  const { items, skipped, usage } = await pointwise(confident, { tokenizer: words }).rerank('q', documents, { tokenBudget: 60 });
  expect(items.map(({ index }) => index)).toEqual([0, 1]);
  expect(skipped).toEqual([documents[2]]);
  expect(usage.calls).toBe(2);
});

it('cuts the passage, never the question', async () => {
  prompts.length = 0;
  const words = { count: (text: string) => text.split(/\s+/).length };
  const long = [{ id: 'a', text: 'word '.repeat(500) }];
  const { usage } = await pointwise(
    model(() => [{ token: 'yes', logprob: 0 }], 100),
    { tokenizer: words },
  ).rerank('who asks?', long);
  expect(usage.truncated).toBe(1);
  expect(prompts[0]).toMatch(/Query: who asks\?\n\nDoes the passage answer the query\?/);
  expect(words.count(prompts[0]!)).toBeLessThan(100);
  await expect(
    pointwise(
      model(() => [], 100),
      { tokenizer: words },
    ).rerank('why '.repeat(200), long),
  ).rejects.toMatchObject({ code: 'input_too_long' });
});

const saying = (answer: (prompt: string) => string): ChatModel => ({
  id: 'c',
  contextTokens: 10_000,
  async *stream([message]) {
    yield { text: answer(message!.content) };
  },
});

it('sorts by a likelihood in words, equals in first-stage order', async () => {
  const said: Record<string, string> = { a: 'likely', b: 'Very likely.', c: 'Unlikely', d: '**Very Likely**' };
  const given = ['a', 'b', 'c', 'd'].map((text) => ({ id: text, text }));
  const { items, scale } = await likelihood(saying((prompt) => said[/Passage: (.)/.exec(prompt)![1]!]!)).rerank('q', given);
  expect(items.map(({ document, label }) => [document.id, label])).toEqual([
    ['b', 'very likely'],
    ['d', 'very likely'],
    ['a', 'likely'],
    ['c', 'unlikely'],
  ]);
  expect(scale).toBe('ordinal');
});

it('refuses a model that says no likelihood', async () => {
  await expect(likelihood(saying(() => 'dunno')).rerank('q', documents)).rejects.toMatchObject({ code: 'bad_output' });
});

it.each([
  ['very likely', 'very likely'],
  ['It is not likely.', 'unlikely'],
  ['very unlikely', 'unlikely'],
  ['Likely', 'likely'],
  ['no idea', undefined],
])('reads %j as %j', (answer, label) => {
  expect(labelIn(answer)).toBe(label);
});
