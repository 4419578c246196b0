import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { openGroundedness } from './groundedness.ts';
import type { Calibration } from './manifest.ts';
import { createOnnxPool } from './onnx-pool.ts';
import { openPairModel } from './pair-model.ts';
import { openSpanReader } from './span-reader.ts';
import { createWordPiece } from './wordpiece.ts';

// The tiny random model of fixtures/ shows that windows, padding and arithmetic are right; what trained models say is held by
// the golden files of @resift/models-en.
const fixtures = new URL('../fixtures/', import.meta.url);
const tokenizer = createWordPiece((await readFile(new URL('vocab.txt', fixtures), 'utf8')).split('\n').filter(Boolean));
const pool = createOnnxPool({ workers: 2 });
afterAll(() => pool.close());
const file = new URL('pair.onnx', fixtures).pathname;
const bare = await pool.open(file);
const { cls, sep } = tokenizer.ids;

/** The model's outputs for one unpadded pair. */
async function run(first: readonly number[], second: readonly number[]) {
  const ids = [cls, ...first, sep, ...second, sep];
  const feed = (data: number[]) => ({ dims: [1, ids.length], data: Int32Array.from(data) });
  const outputs = await bare.run({
    input_ids: feed(ids),
    attention_mask: feed(ids.map(() => 1)),
    token_type_ids: feed(ids.map((_, i) => (i < first.length + 2 ? 0 : 1))),
  });
  return (name: string) => [...outputs[name]!.data];
}

const word = fc.constantFrom('the', 'film', 'star', 'trip', 'water', 'x', '?', 'Blue', 'unseen');
const text = (maxLength: number) => fc.array(word, { minLength: 1, maxLength }).map((words) => words.join(' '));
const calibration: Calibration = { kind: 'platt', a: 0.5, b: -0.25 };
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

const readerSpec = {
  maxTokens: 20,
  stride: 4,
  maxQuestionTokens: 6,
  maxAnswerTokens: 3,
  features: ['span_score', 'answerable_logit'],
  mean: [0.5, -0.5],
  scale: [2, 3],
  weights: [0.8, 0.4],
  bias: 0.1,
  calibration,
  threshold: 0.4,
};

it('reads the best span of all windows, as FEATURES-READ.md says', async () => {
  const reader = await openSpanReader({ pool, file, tokenizer, id: 'read', spec: readerSpec });
  await fc.assert(
    fc.asyncProperty(text(9), fc.array(text(40), { maxLength: 4 }), async (question, passages) => {
      const { spans, usage } = await reader.read(question, passages);
      expect(spans).toHaveLength(passages.length);
      expect(usage.truncated).toBe(tokenizer.count(question) > 6 ? 1 : 0);
      for (const [i, passage] of passages.entries()) {
        const expected = await bestSpan(question, passage);
        const [span] = spans[i]!;
        expect(span?.text).toBe(passage.slice(expected.start, expected.end));
        expect([span?.start, span?.end]).toEqual([expected.start, expected.end]);
        expect(span?.probability).toBeCloseTo(expected.probability, 4);
      }
    }),
    { numRuns: 25 },
  );
});

async function bestSpan(question: string, passage: string) {
  const asked = [...tokenizer.encode(question).ids].slice(0, 6);
  const { ids, offsets } = tokenizer.encode(passage);
  const room = 20 - asked.length - 3;
  let best = { score: -Infinity, i: 0, j: 0, answerable: 0 };
  for (let from = 0; ; from += room - 4) {
    const part = [...ids.slice(from, from + room)];
    const output = await run(asked, part);
    const [start, end] = [output('start_logits'), output('end_logits')];
    const offset = asked.length + 2;
    for (let i = 0; i < part.length; i += 1) {
      for (let j = i; j < Math.min(i + 3, part.length); j += 1) {
        const score = start[offset + i]! + end[offset + j]! - start[0]! - end[0]!;
        if (score > best.score) best = { score, i: from + i, j: from + j, answerable: output('answerable_logit')[0]! };
      }
    }
    if (from + room >= ids.length) break;
  }
  const logit = 0.1 + (0.8 * (best.score - 0.5)) / 2 + (0.4 * (best.answerable + 0.5)) / 3;
  return { start: offsets[2 * best.i]!, end: offsets[2 * best.j + 1]!, probability: sigmoid(0.5 * logit - 0.25) };
}

it('finds nothing in an empty passage, and refuses an empty question and a budget too small', async () => {
  const reader = await openSpanReader({ pool, file, tokenizer, id: 'read', spec: readerSpec });
  expect((await reader.read('who?', ['', ' \u0000'])).spans).toEqual([[], []]);
  expect((await reader.read('who?', [])).spans).toEqual([]);
  await expect(reader.read(' ', ['the film'])).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(reader.read('who?', ['the film'], { tokenBudget: 5 })).rejects.toMatchObject({ code: 'over_budget' });
  await expect(reader.read('who?', ['x'], { signal: AbortSignal.abort('left') })).rejects.toBe('left');
  const encoder = new URL('encoder.onnx', fixtures).pathname;
  await expect(openSpanReader({ pool, file: encoder, tokenizer, id: 'e', spec: readerSpec })).rejects.toThrow('start_logits');
});

const lexicon = { documents: 100, averageLength: 10, df: (term: string) => (term === 'the' ? 90 : 5) };
const ground = (features: readonly string[], maxWindows = 8) =>
  openGroundedness({
    pool,
    file,
    tokenizer,
    lexicon,
    id: 'ground',
    spec: {
      maxTokens: 16,
      stride: 3,
      maxClaimTokens: 5,
      maxWindows,
      features,
      mean: features.map(() => 0.5),
      scale: features.map(() => 2),
      weights: features.map(() => 1),
      bias: 0.5,
      calibration,
      threshold: 0.5,
    },
  });
/** The feature that a probability of a one-feature head came from. */
const featureOf = (probability: number) => ((Math.log(probability / (1 - probability)) + 0.25) / 0.5 - 0.5) * 2 + 0.5;

it('takes the greatest logit of all windows, whatever other claims are checked', async () => {
  const model = await ground(['neural']);
  await fc.assert(
    fc.asyncProperty(text(30), fc.array(text(8), { minLength: 1, maxLength: 4 }), async (context, claims) => {
      const { probabilities } = await model.check(context, claims);
      for (const [i, claim] of claims.entries()) {
        const own = [...tokenizer.encode(claim).ids].slice(0, 5);
        const ids = [...tokenizer.encode(context).ids];
        const room = 16 - own.length - 3;
        const logits: number[] = [];
        for (let from = 0; ; from += room - 3) {
          logits.push(...(await run(own, ids.slice(from, from + room)))('logit'));
          if (from + room >= ids.length) break;
        }
        expect(featureOf(probabilities[i]!)).toBeCloseTo(Math.max(...logits), 3);
      }
    }),
    { numRuns: 25 },
  );
});

it.each([
  ['overlap', 'The film star', 'A film. The stars shine!', 1],
  ['overlap', 'red film', 'a film', 0.5],
  ['sentence', 'red film star', 'Red sky. A film star. Film', 2 / 3],
  ['sentence', '?!', 'a film', 0],
  ['pairs', 'the film star trip', 'star trip, the film', 2 / 3],
  ['pairs', 'film', 'film', 0],
  ['numbers', 'in 1994 and 2 cities', 'the 1994 film', 0.5],
  ['numbers', 'a film', 'a film', 1],
  ['names', 'Jim saw Aspen and Oslo', 'Jim went to Aspen', 0.5],
  ['names', 'in Aspen', 'aspen', 1],
  ['names', 'A film', 'none', 1],
  ['negation', 'he did not go', 'He went. He did go!', 1],
  ['negation', "he didn't go", "He can't. He couldn't go", 0],
  ['negation', 'he did go', 'He did not go', 1],
  ['length', 'two terms', 'x', Math.log(3)],
  ['windows', 'film', 'x '.repeat(30), Math.log(3)],
])('computes %s of %j in %j', async (feature, claim, context, expected) => {
  const { probabilities } = await (await ground([feature])).check(context, [claim]);
  expect(featureOf(probabilities[0]!)).toBeCloseTo(expected, 5);
});

it('reads only the windows that share most with the claim where there are too many', async () => {
  const context = `${'x '.repeat(40)} the blue water ${'x '.repeat(40)}`;
  const [all, one] = await Promise.all([ground(['windows']), ground(['windows'], 2)]);
  const count = async (model: typeof all) => Math.exp(featureOf((await model.check(context, ['blue water'])).probabilities[0]!));
  expect(Math.round(await count(all))).toBeGreaterThan(2);
  expect(Math.round(await count(one))).toBe(2);
  const neural = await ground(['neural'], 1);
  const { probabilities } = await neural.check(context, ['blue water']);
  const everything = (await (await ground(['neural'])).check(context, ['blue water'])).probabilities;
  expect(featureOf(probabilities[0]!)).toBeLessThanOrEqual(featureOf(everything[0]!) + 1e-6);
});

it('checks nothing against something, something against nothing, and refuses an empty claim', async () => {
  const model = await ground(['neural', 'overlap']);
  expect((await model.check('a film', [])).probabilities).toEqual([]);
  expect((await model.check('', ['a film'])).probabilities).toHaveLength(1);
  await expect(model.check('a film', ['x', ' '])).rejects.toThrow('claims[1]');
  await expect(model.check('a film', ['x'], { tokenBudget: 2 })).rejects.toMatchObject({ code: 'over_budget' });
});

it('scores query and text together, the same whatever else is scored', async () => {
  const model = await openPairModel({ pool, file, tokenizer, id: 'cross', maxTokens: 32, output: 'logit' });
  await fc.assert(
    fc.asyncProperty(text(4), fc.array(text(30), { maxLength: 6 }), async (query, texts) => {
      const { logits, usage } = await model.score(query, texts);
      const room = 32 - tokenizer.count(query) - 3;
      expect(usage.truncated).toBe(texts.filter((each) => tokenizer.count(each) > room).length);
      for (const [i, each] of texts.entries()) {
        const [expected] = (await run([...tokenizer.encode(query).ids], [...tokenizer.encode(each, { maxTokens: room }).ids]))('logit');
        expect(logits[i]).toBeCloseTo(expected!, 4);
      }
    }),
    { numRuns: 25 },
  );
});

it('leaves out what the budget does not reach, and refuses a query that leaves no room', async () => {
  const model = await openPairModel({ pool, file, tokenizer, id: 'cross', maxTokens: 14, output: 'logit' });
  const { logits, usage } = await model.score('film', ['star', 'water', 'x'], { tokenBudget: 11 });
  expect(logits.map((logit) => logit !== undefined)).toEqual([true, true, false]);
  expect(usage.inputTokens).toBe(10);
  await expect(model.score('x '.repeat(11), ['y'])).rejects.toMatchObject({ code: 'input_too_long' });
  await expect(openPairModel({ pool, file, tokenizer, id: 'cross', output: 'scores' })).rejects.toThrow('scores');
  await expect(openPairModel({ pool, file, tokenizer, id: 'cross', output: 'start_logits' })).rejects.toThrow('one or two logits');
});
