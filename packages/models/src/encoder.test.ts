import { readFile } from 'node:fs/promises';
import { offGrid, onGrid, type TextEncoding } from '@resift/core';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { openEncoder } from './encoder.ts';
import { createOnnxPool } from './onnx-pool.ts';
import { createWordPiece } from './wordpiece.ts';

const fixtures = new URL('../fixtures/', import.meta.url);
const tokenizer = createWordPiece((await readFile(new URL('vocab.txt', fixtures), 'utf8')).split('\n').filter(Boolean));
const pool = createOnnxPool({ workers: 2 });
afterAll(() => pool.close());

const spec = { maxTokens: 16, dimensions: 16, tokenDimensions: 8 };
const file = new URL('encoder.onnx', fixtures).pathname;
const encoder = await openEncoder({ pool, file, tokenizer, spec, id: 'fixture' });
const texts = ['the film star', 'a', 'what is the blue river in the city?', '', 'red '.repeat(40)];

function expectClose(actual: TextEncoding | undefined, expected: TextEncoding | undefined) {
  expect(actual?.tokens.count).toBe(expected?.tokens.count);
  const numbers = ({ sentence, tokens }: TextEncoding) => [...sentence, ...offGrid(tokens), ...(tokens.weights ?? [])];
  for (const [i, value] of numbers(actual!).entries()) expect(value).toBeCloseTo(numbers(expected!)[i]!, 5);
}

it('gives unit vectors for the text and each of its tokens, without the special ones', async () => {
  const { encodings, usage } = await encoder.encode(texts, 'document');
  expect(encodings.map((encoding) => encoding?.tokens.count)).toEqual([3, 1, 9, 0, 14]);
  for (const { sentence, tokens } of encodings as TextEncoding[]) {
    expect(Math.hypot(...sentence)).toBeCloseTo(1, 5);
    expect(tokens.data).toHaveLength(tokens.count * tokens.dimensions);
    for (let i = 0; i < tokens.count; i += 1) expect(Math.hypot(...offGrid(tokens).slice(8 * i, 8 * i + 8))).toBeCloseTo(1, 1);
    expect(tokens.weights).toBeUndefined();
  }
  expect(encodings.map((encoding) => encoding?.truncated)).toEqual([false, false, false, false, true]);
  expect(usage).toMatchObject({ inputTokens: 5 + 3 + 11 + 2 + 16, truncated: 1 });
});

it('puts the vectors of a document on the int8 grid, and leaves those of a query', async () => {
  const [asked, read] = await Promise.all([encoder.encode(texts, 'query'), encoder.encode(texts, 'document')]);
  for (const [i, { tokens }] of (read.encodings as TextEncoding[]).entries()) {
    const expected = onGrid(asked.encodings[i]!.tokens);
    expect([tokens.data, tokens.scales]).toEqual([expected.data, expected.scales]);
    expect(asked.encodings[i]!.tokens.data).toBeInstanceOf(Float32Array);
  }
});

it('says where in the text each token stands', async () => {
  const { encodings } = await encoder.encode(['the RIVER, in'], 'query');
  const offsets = [...encodings[0]!.tokens.offsets!];
  const words = Array.from({ length: offsets.length / 2 }, (_, i) => 'the RIVER, in'.slice(offsets[2 * i], offsets[2 * i + 1]));
  expect(words).toEqual(['the', 'RIVER', ',', 'in']);
  expect(encodings[0]!.tokens.weights).toHaveLength(4);
});

it('gives a text the same vectors whatever it is run with', async () => {
  const words = fc.array(fc.constantFrom('the', 'film', 'star', 'blue', 'x', '?', 'unseen'), { maxLength: 20 }).map((all) => all.join(' '));
  await fc.assert(
    fc.asyncProperty(words, fc.array(words, { maxLength: 9 }), async (text, others) => {
      const alone = await encoder.encode([text], 'query');
      const together = await encoder.encode([...others, text], 'query');
      expectClose(together.encodings.at(-1), alone.encodings[0]);
    }),
    { numRuns: 30 },
  );
});

it('runs one text at a time where the model asks for it, with the same result', async () => {
  const single = await openEncoder({ pool, file, tokenizer, spec: { ...spec, batch: 1 }, id: 'single' });
  const [one, all] = await Promise.all([single.encode(texts, 'document'), encoder.encode(texts, 'document')]);
  expect(one.usage.calls).toBe(texts.length);
  for (const [i, encoding] of one.encodings.entries()) expectClose(encoding, all.encodings[i]);
});

it('embeds as it encodes', async () => {
  const [{ vectors }, { encodings }] = await Promise.all([encoder.embed(texts, 'document'), encoder.encode(texts, 'document')]);
  for (const [i, vector] of vectors.entries())
    for (const [j, value] of vector.entries()) expect(value).toBeCloseTo(encodings[i]!.sentence[j]!, 5);
  expect((await encoder.embed([], 'document')).vectors).toEqual([]);
});

it('spends the budget in input order: what it does not reach has no encoding, and embedding refuses', async () => {
  const { encodings, usage } = await encoder.encode(texts, 'document', { tokenBudget: 8 });
  expect(encodings.map((encoding) => encoding !== undefined)).toEqual([true, true, false, false, false]);
  expect(usage.inputTokens).toBe(8);
  await expect(encoder.embed(texts, 'document', { tokenBudget: 8 })).rejects.toMatchObject({ code: 'over_budget' });
});

it('refuses what is no text, a model that is no encoder, and a manifest that promises other sizes', async () => {
  await expect(encoder.embed(['a', 7 as never], 'document')).rejects.toThrow('texts[1]');
  const pair = new URL('pair.onnx', fixtures).pathname;
  await expect(openEncoder({ pool, file: pair, tokenizer, spec, id: 'pair' })).rejects.toMatchObject({ code: 'corrupt' });
  const wrong = await openEncoder({ pool, file, tokenizer, spec: { ...spec, dimensions: 12 }, id: 'wrong' });
  await expect(wrong.embed(['a'], 'document')).rejects.toMatchObject({ code: 'bad_output' });
});

it('lets other work go on while it reads many texts, and stops reading when aborted', async () => {
  const many = Array.from({ length: 3_000 }, () => 'the blue river in the red city and the film star '.repeat(2));
  const controller = new AbortController();
  const reading = encoder.embed(many, 'document', { signal: controller.signal });
  setImmediate(() => controller.abort('enough'));
  await expect(reading).rejects.toBe('enough');
  expect(pool.stats().waiting).toBe(0);
});

it('rejects with the reason of the signal', async () => {
  const reason = new Error('left');
  await expect(encoder.encode(texts, 'query', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
