import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEmbedded } from './embedded.ts';
import { createOnnxPool } from './onnx-pool.ts';

const fixtures = new URL('../fixtures/', import.meta.url);
let folder: string;

const digestOf = (content: Uint8Array) => ({ sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length });

/** A folder like `packages/models-en/models`, of the tiny random models. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resift-models-'));
  const contents: Record<string, Uint8Array> = {
    'lexicon.json.gz': gzipSync(JSON.stringify({ documents: 10, averageLength: 5, df: { film: 2 } })),
  };
  for (const file of ['encoder.onnx', 'pair.onnx', 'vocab.txt']) contents[file] = await readFile(new URL(file, fixtures));
  const entry = (file: string) => ({ file, ...digestOf(contents[file]!) });
  const head = (...features: string[]) => ({ features, mean: [0, 0], scale: [1, 1], weights: [1, 1], bias: 0 });
  const pair = { file: 'pair.onnx', maxTokens: 24, stride: 4, calibration: { kind: 'platt', a: 1, b: 0 }, threshold: 0.5 };
  contents['manifest.json'] = Buffer.from(
    JSON.stringify({
      version: '7',
      base: 'random',
      vocab: entry('vocab.txt'),
      lexicon: { ...entry('lexicon.json.gz'), documents: 10 },
      files: { 'encoder.onnx': digestOf(contents['encoder.onnx']!), 'pair.onnx': digestOf(contents['pair.onnx']!) },
      encoders: { embed: { file: 'encoder.onnx', maxTokens: 16, dimensions: 16, tokenDimensions: 8 } },
      rankers: {
        mini: { encoder: 'embed', ...head('maxsim', 'cosine') },
        cascade: { fast: 'mini', accurate: 'mini', keep: 3 },
      },
      readers: { read: { ...pair, maxQuestionTokens: 8, maxAnswerTokens: 5, ...head('span_score', 'answerable_logit') } },
      ground: { ground: { ...pair, maxClaimTokens: 8, maxWindows: 2, ...head('neural', 'overlap') } },
    }),
  );
  await Promise.all(Object.entries(contents).map(([file, content]) => writeFile(join(folder, file), content)));
});
afterAll(() => rm(folder, { recursive: true }));

it('opens what is asked for, once, under a name that holds the file’s hash', async () => {
  await using models = await openEmbedded(folder, { workers: 1 });
  expect(models.pool.stats().started).toBe(0);
  const [encoder, again] = await Promise.all([models.encoder('embed'), models.encoder('embed')]);
  expect(again).toBe(encoder);
  expect(encoder.id).toBe(`embed@7#${models.hash('embed')}`);
  expect([models.hash('mini'), models.hash('cascade')]).toEqual([models.hash('embed'), models.hash('embed')]);
  expect(models.hash('read')).toBe(models.hash('ground'));
  expect(models.lexicon.df('film')).toBe(2);
  expect(models.tokenizer.count('the film')).toBe(2);
  expect((await encoder.embed(['the film'], 'query')).vectors[0]).toHaveLength(16);
});

it('reads and checks claims with one file for both', async () => {
  await using models = await openEmbedded(folder, { workers: 1 });
  const [reader, ground] = await Promise.all([models.reader(), models.groundedness()]);
  const passage = 'The film star is in the red city.';
  const { spans } = await reader.read('who is the star?', [passage, '']);
  expect(spans.map((each) => each.length)).toEqual([1, 0]);
  const [span] = spans[0]!;
  expect(passage.slice(span!.start, span!.end)).toBe(span!.text);
  const { probabilities } = await ground.check(passage, ['The star is red.', 'A friend.']);
  for (const probability of probabilities) expect(probability > 0 && probability < 1).toBe(true);
});

it('says what there is when asked for what is not there', async () => {
  await using models = await openEmbedded(folder);
  await expect(models.encoder('constructor')).rejects.toMatchObject({ code: 'not_found', message: expect.stringContaining('embed') });
  await expect(models.reader('other')).rejects.toMatchObject({ code: 'not_found' });
  expect(() => models.hash('__proto__')).toThrow('__proto__');
});

it('refuses a damaged file by name, and opens it once it is whole again', async () => {
  await using models = await openEmbedded(folder, { workers: 1 });
  const path = join(folder, 'encoder.onnx');
  const whole = await readFile(path);
  const damaged = Uint8Array.from(whole);
  damaged[5_000]! ^= 4;
  await writeFile(path, damaged);
  await expect(models.encoder('embed')).rejects.toMatchObject({ code: 'corrupt', details: { file: 'encoder.onnx' } });
  await writeFile(path, whole);
  await models.encoder('embed');
  await writeFile(join(folder, 'vocab.txt'), 'x');
  await expect(openEmbedded(folder)).rejects.toMatchObject({ code: 'corrupt', details: { file: 'vocab.txt' } });
  await writeFile(join(folder, 'vocab.txt'), await readFile(new URL('vocab.txt', fixtures)));
});

it('leaves a pool that it was given open', async () => {
  await using pool = createOnnxPool({ workers: 1 });
  const models = await openEmbedded(folder, { pool });
  const encoder = await models.encoder('embed');
  await models.close();
  await encoder.embed(['still open'], 'query');
});
