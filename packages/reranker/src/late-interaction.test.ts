import type { TextEncoding, TokenEmbedder } from '@resift/core';
import { expect, it } from 'vitest';
import { lateInteraction } from './late-interaction.ts';
import type { RankerHead } from './ranker-head.ts';

/** `x` and `y` are the two axes; a budget reaches one text per token. */
function encodingOf(text: string, weights?: Float32Array): TextEncoding {
  const letters = [...text].filter((letter) => letter === 'x' || letter === 'y');
  const data = new Float32Array(letters.flatMap((letter) => (letter === 'x' ? [1, 0] : [0, 1])));
  return {
    sentence: new Float32Array([0.6, 0.8]),
    tokens: { count: letters.length, dimensions: 2, data, ...(weights && { weights }) },
    truncated: false,
  };
}
const asked: string[][] = [];
const axes: TokenEmbedder = {
  id: 'axes',
  dimensions: 2,
  tokenDimensions: 2,
  async encode(texts, _kind, { tokenBudget = Infinity } = {}) {
    asked.push([...texts]);
    const encodings = texts.map((text, i) => (i < tokenBudget ? encodingOf(text) : undefined));
    return { encodings, usage: { calls: 1, inputTokens: Math.min(texts.length, tokenBudget), truncated: 1 } };
  },
};
const documents = ['y', 'xy', 'yyx', ''].map((text, i) => ({ id: `d${i}`, text }));
const head = (features: RankerHead['features']): RankerHead => ({
  features,
  mean: features.map(() => 0.5),
  scale: features.map(() => 2),
  weights: features.map(() => 3),
  bias: 1,
});

it('ranks by MaxSim, ties in input order, a text without tokens at 0, and sums the usage', async () => {
  const { items, usage, scale } = await lateInteraction(axes).rerank('xy', documents);
  expect(items.map(({ index }) => index)).toEqual([1, 2, 0, 3]);
  for (const [i, score] of [1, 1, 0.5, 0].entries()) expect(items[i]!.score).toBeCloseTo(score, 6);
  expect(scale).toBe('similarity');
  expect(usage).toEqual({ calls: 2, inputTokens: 5, outputTokens: 0, truncated: 2 });
});

it('gives the logit of a head: bias + Σ w (f − mean) / scale', async () => {
  const { items, scale } = await lateInteraction(axes, { head: head(['maxsim', 'cosine']) }).rerank('x', [documents[0]!]);
  expect(scale).toBe('logit');
  expect(items[0]!.score).toBeCloseTo(1 + (3 * (0 - 0.5)) / 2 + (3 * (1 - 0.5)) / 2, 6);
});

it('reads every feature as FEATURES.md defines it', async () => {
  const features = ['softmaxsim', 'length', 'coverage'] as const;
  const lexicon = { documents: 10, averageLength: 2, df: () => 1 };
  for (const [i, expected] of [Math.log(Math.exp(12) + Math.exp(0)) / 12, Math.log(2 + 16), 0.5].entries()) {
    const only = { ...head([features[i]!]), mean: [0], scale: [1], weights: [1], bias: 0 };
    const { items } = await lateInteraction(axes, { head: only, lexicon }).rerank('x zz', [{ id: 'a', text: 'y x' }]);
    expect(items[0]!.score).toBeCloseTo(expected, 6);
  }
});

it('lets words count the more the longer the query, from 10 terms to 14', async () => {
  const lexicon = { documents: 10, averageLength: 2, df: () => 1 };
  const only = { ...head(['lexical_long']), mean: [0], scale: [1], weights: [1], bias: 0 };
  for (const [terms, share] of [
    [1, 0],
    [10, 0],
    [12, 0.5],
    [14, 1],
    [30, 1],
  ] as const) {
    // No term of the query stands in the text: `lexical` is 0.
    const { items } = await lateInteraction(axes, { head: only, lexicon }).rerank('x '.repeat(terms).trim(), [{ id: 'a', text: 'y' }]);
    expect(items[0]!.score).toBeCloseTo(-0.45 * share, 9);
  }
});

it('lets another model read the query', async () => {
  const queries: TokenEmbedder = { ...axes, id: 'queries', encode: async () => ({ encodings: [encodingOf('y')], usage: {} }) };
  const { items } = await lateInteraction(axes, { queryEmbedder: queries }).rerank('x', documents.slice(0, 1));
  expect(items[0]!.score).toBeCloseTo(1, 6);
  expect(() => lateInteraction(axes, { queryEmbedder: { ...queries, tokenDimensions: 3 } })).toThrow('different dimensions');
});

it('weighs query tokens where the encoder does', async () => {
  const weighing: TokenEmbedder = {
    ...axes,
    encode: async (texts) => ({ encodings: texts.map((text) => encodingOf(text, new Float32Array([3, 1]))), usage: {} }),
  };
  const { items } = await lateInteraction(weighing, {
    head: { ...head(['maxsim_weighted']), mean: [0], scale: [1], weights: [1], bias: 0 },
  }).rerank('xy', [documents[0]!]);
  expect(items[0]!.score).toBeCloseTo(0.25, 6);
});

it('spends one budget over the query and the documents', async () => {
  const { items, skipped, status } = await lateInteraction(axes).rerank('xy', documents, { tokenBudget: 3 });
  expect(items.map(({ index }) => index)).toEqual([1, 0]);
  expect(skipped).toEqual([documents[2], documents[3]]);
  expect(status).toMatchObject({ status: 'partial', window: 4, scored: 2 });
  expect((await lateInteraction(axes).rerank('xy', documents, { tokenBudget: 0 })).skipped).toEqual(documents);
});

it('does not encode what is stored, and gives the same scores', async () => {
  asked.length = 0;
  const stored = lateInteraction(axes, {
    stored: async (documents) => documents.map(({ id, text }) => (id === 'd1' || id === 'd2' ? encodingOf(text) : undefined)),
  });
  const { items, status } = await stored.rerank('xy', documents);
  expect(asked).toEqual([['xy'], ['y', '']]);
  expect(items).toEqual((await lateInteraction(axes).rerank('xy', documents)).items);
  expect(status.cacheHits).toBe(2);
});

it('refuses stored vectors of another model', async () => {
  const alien = { ...encodingOf('x'), sentence: new Float32Array(3) };
  await expect(lateInteraction(axes, { stored: async () => [alien] }).rerank('x', documents.slice(0, 1))).rejects.toMatchObject({
    code: 'invalid_config',
  });
  await expect(lateInteraction(axes, { stored: async () => [] }).rerank('x', documents)).rejects.toMatchObject({ code: 'bad_output' });
});

it('refuses fewer encodings than texts', async () => {
  const short: TokenEmbedder = { ...axes, encode: async () => ({ encodings: [encodingOf('x')], usage: {} }) };
  await expect(lateInteraction(short).rerank('x', documents)).rejects.toMatchObject({ code: 'bad_output' });
});

it('lets the event loop have turns, and stops between two documents when aborted', async () => {
  const slow: TokenEmbedder = {
    ...axes,
    encode: async (texts) => ({ encodings: texts.map(() => encodingOf('xy'.repeat(100))), usage: {} }),
  };
  const controller = new AbortController();
  const many = Array.from({ length: 1_000 }, (_, i) => ({ id: `${i}`, text: '' }));
  const encodings = many.map(() => encodingOf('xy'.repeat(100)));
  const scoring = lateInteraction(slow, { stored: async () => encodings }).rerank('x', many, { signal: controller.signal });
  setTimeout(() => controller.abort('enough'));
  await expect(scoring).rejects.toBe('enough');
});

it('refuses vectors that are not numbers', async () => {
  const broken: TokenEmbedder = {
    ...axes,
    encode: async (texts) => ({
      encodings: texts.map(() => ({ ...encodingOf('x'), tokens: { count: 1, dimensions: 2, data: new Float32Array([Number.NaN, 0]) } })),
      usage: {},
    }),
  };
  await expect(lateInteraction(broken).rerank('x', documents)).rejects.toMatchObject({ code: 'bad_output', details: { invalid: 4 } });
});

it.each([
  ['an unknown feature', { ...head(['maxsim']), features: ['pagerank'] as never }],
  ['lists of different lengths', { ...head(['maxsim']), weights: [] }],
  ['a scale of 0', { ...head(['maxsim']), scale: [0] }],
  ['a weight that is not finite', { ...head(['maxsim']), weights: [Number.NaN] }],
])('refuses a head with %s', (_, wrong) => {
  expect(() => lateInteraction(axes, { head: wrong })).toThrow(expect.objectContaining({ code: 'invalid_config' }));
});

it('names what a feature needs and does not have', async () => {
  await expect(lateInteraction(axes, { head: head(['lexical']) }).rerank('x', documents)).rejects.toThrow('lexicon');
  await expect(lateInteraction(axes, { head: head(['maxsim_weighted']) }).rerank('x', documents)).rejects.toThrow('token weights');
});
