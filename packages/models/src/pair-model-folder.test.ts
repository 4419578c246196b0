import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOnnxPool } from './onnx-pool.ts';
import { type OpenPairModel, openPairModelFolder } from './pair-model-folder.ts';

// Tiny random models of each architecture, and what Python's transformers and PyTorch say of them
// (fixtures/cross-encoders/make_cross_encoders.py).
const fixtures = new URL('../fixtures/cross-encoders/', import.meta.url).pathname;
const pool = createOnnxPool({ workers: 2 });
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'resift-folder-'));
});
afterAll(async () => {
  await pool.close();
  await rm(scratch, { recursive: true });
});

interface Expected {
  readonly pairs: readonly { query: string; text: string; logits: [number] | [number, number]; tokens: number; truncated: boolean }[];
}

describe.each(['bert', 'bert-two-logits', 'xlm-roberta', 'modernbert'])('%s from a folder', (name) => {
  let model: OpenPairModel;
  let pairs: Expected['pairs'];
  beforeAll(async () => {
    model = await openPairModelFolder(join(fixtures, name), { pool });
    pairs = (JSON.parse(await readFile(join(fixtures, name, 'expected.json'), 'utf8')) as Expected).pairs;
  });

  it('scores as Python does, cuts where it cuts and counts what it counts', async () => {
    for (const { query, text, logits, tokens, truncated } of pairs) {
      const scored = await model.score(query, [text]);
      const expected = logits.length === 2 ? logits[1] - logits[0] : logits[0];
      expect(Math.abs(scored.logits[0]! - expected), text).toBeLessThan(1e-4);
      expect(scored.usage).toMatchObject({ inputTokens: tokens, truncated: truncated ? 1 : 0 });
    }
  });

  it('scores a text the same whatever it is run with', async () => {
    const texts = pairs.map(({ text }) => text);
    const alone = await Promise.all(texts.map(async (text) => (await model.score('blue water', [text])).logits[0]!));
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...texts.keys()], { minLength: 1 }), async (chosen) => {
        const { logits } = await model.score(
          'blue water',
          chosen.map((i) => texts[i]!),
        );
        for (const [at, i] of chosen.entries()) expect(Math.abs(logits[at]! - alone[i]!)).toBeLessThan(1e-5);
      }),
      { numRuns: 15 },
    );
  });
});

it('keeps to the limit of the model, and to a lower one', async () => {
  const folder = join(fixtures, 'xlm-roberta');
  expect((await openPairModelFolder(folder, { pool })).maxTokens).toBe(48);
  const short = await openPairModelFolder(folder, { pool, maxTokens: 12 });
  const { usage } = await short.score('water', ['the blue river and the red city']);
  expect(usage).toMatchObject({ inputTokens: 12, truncated: 1 });
  await expect(short.score('water '.repeat(12), ['x'])).rejects.toMatchObject({ code: 'input_too_long' });
  await expect(openPairModelFolder(folder, { pool, maxTokens: 65 })).rejects.toMatchObject({ code: 'invalid_config' });
  // RoBERTa's positions begin behind the padding: 66 of them are for 64 tokens.
  const unlimited = await changed('xlm-roberta', 'tokenizer_config.json', { model_max_length: 1e30 });
  expect((await openPairModelFolder(unlimited, { pool })).maxTokens).toBe(64);
  await expect(openPairModelFolder(unlimited, { pool, maxTokens: 65 })).rejects.toThrow('from 8 to 64');
});

it('runs a model with dynamic int8 one text at a time', async () => {
  const folder = join(scratch, 'int8');
  await cp(join(fixtures, 'bert'), folder, { recursive: true });
  const bytes = await readFile(join(folder, 'onnx/model.onnx'));
  // An unknown field of a protobuf: the runtime passes over it.
  await writeFile(
    join(folder, 'onnx/model.onnx'),
    Buffer.concat([bytes, Buffer.from([0xfa, 0x07, 21]), Buffer.from('DynamicQuantizeLinear')]),
  );
  const usual = await openPairModelFolder(join(fixtures, 'bert'), { pool: createOnnxPool({ workers: 1 }) });
  const int8 = await openPairModelFolder(folder, { pool });
  const texts = ['the film', 'a film', 'the star', 'his star'];
  expect((await usual.score('film', texts)).usage.calls).toBe(1);
  expect((await int8.score('film', texts)).usage.calls).toBe(4);
});

it('closes the pool that it made', async () => {
  const model = await openPairModelFolder(join(fixtures, 'bert'), { workers: 1 });
  await model.close();
  await expect(model.score('film', ['star'])).rejects.toMatchObject({ code: 'unavailable' });
});

it('says what a folder lacks', async () => {
  await expect(openPairModelFolder(join(scratch, 'none'))).rejects.toMatchObject({
    code: 'not_found',
    message: expect.stringContaining('config.json'),
  });
  const encoder = await changed('bert', 'config.json', { architectures: ['BertModel'] });
  await expect(openPairModelFolder(encoder)).rejects.toMatchObject({
    code: 'invalid_config',
    message: expect.stringContaining('BertModel'),
  });
  const bare = await changed('bert', 'vocab.txt', undefined);
  await expect(openPairModelFolder(bare)).rejects.toMatchObject({ code: 'not_found', message: expect.stringContaining('vocab.txt') });
  await expect(openPairModelFolder(join(fixtures, 'bert'), { file: 'onnx/model_fp16.onnx' })).rejects.toThrow('model_fp16.onnx');
  const damaged = await changed('modernbert', 'tokenizer.json', '{');
  await expect(openPairModelFolder(damaged)).rejects.toMatchObject({ code: 'corrupt', details: { file: 'tokenizer.json' } });
});

/** A copy of a fixture in which one file is another, or is missing. */
async function changed(name: string, file: string, content: object | string | undefined): Promise<string> {
  const folder = await mkdtemp(join(scratch, 'changed-'));
  for (const each of ['config.json', 'tokenizer_config.json', 'tokenizer.json', 'vocab.txt', 'onnx']) {
    if (each !== file) await symlink(join(fixtures, name, each), join(folder, each));
  }
  if (typeof content === 'string') await writeFile(join(folder, file), content);
  else if (content) {
    const before = JSON.parse(await readFile(join(fixtures, name, file), 'utf8'));
    await writeFile(join(folder, file), JSON.stringify({ ...before, ...content }));
  }
  return folder;
}
