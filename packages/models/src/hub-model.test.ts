import { createHash } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type HubOptions, newestRevision, pullModel } from './hub-model.ts';
import { cachedModels, damagedFiles } from './model-cache.ts';
import { type HubServer, REVISION, startHub } from './testing/hub-server.ts';

const onnx = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 8)) & 255));
const files = {
  'README.md': Buffer.from('# hello'),
  'config.json': Buffer.from('{}'),
  'onnx/model.onnx': onnx,
  'onnx/model_int8.onnx': onnx.subarray(0, 1000),
  'tokenizer.json': Buffer.from('{"a":1}'),
};
const wanted = { model: 'acme/tiny-reranker', revision: REVISION };
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

let hub: HubServer;
let cacheFolder: string;
let options: HubOptions;
beforeEach(async () => {
  hub = await startHub(wanted.model, files);
  cacheFolder = await mkdtemp(join(tmpdir(), 'resift-hub-'));
  options = { endpoint: `${hub.endpoint}/`, cacheFolder };
});
afterEach(async () => {
  await hub.close();
  await rm(cacheFolder, { recursive: true, force: true });
});

const ofStore = () => hub.seen.filter(({ host }) => host === 'store');
const folder = () => join(cacheFolder, 'acme--tiny-reranker', REVISION);
const names = async () => (await readdir(folder(), { recursive: true })).sort();

it('downloads what a cross-encoder needs, once, and sends the token to the hub alone', async () => {
  hub.token = 'hf_secret';
  const progress: number[] = [];
  const model = await pullModel(wanted, {
    ...options,
    token: 'hf_secret',
    onProgress: ({ doneBytes, totalBytes }) => progress.push(doneBytes / totalBytes),
  });
  expect(model.folder).toBe(folder());
  expect(onnx.equals(await readFile(join(folder(), 'onnx/model.onnx')))).toBe(true);
  expect(await names()).toEqual(['config.json', 'onnx', 'onnx/model.onnx', 'resift-model.json', 'tokenizer.json']);
  expect(model.files.find(({ path }) => path === 'onnx/model.onnx')?.sha256).toBe(sha256(onnx));
  expect(hub.seen.filter(({ host }) => host === 'hub').every(({ authorization }) => authorization === 'Bearer hf_secret')).toBe(true);
  expect(ofStore().map(({ authorization }) => authorization)).toEqual([undefined]);
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  expect(progress.at(-1)).toBe(1);

  const asked = hub.seen.length;
  expect(await pullModel(wanted, { ...options, offline: true })).toEqual(model);
  expect(hub.seen.length).toBe(asked);
  expect(await cachedModels(cacheFolder)).toEqual([model]);
});

it('goes on where a transfer broke off', async () => {
  hub.faults.push({ cutAfter: 100_000 }, { cutAfter: 50_000 });
  await pullModel(wanted, options);
  // A few last bytes may be lost with the connection, so where exactly it goes on is not said.
  const starts = ofStore().map(({ range }) => Number(/bytes=(\d+)-/.exec(range ?? 'bytes=0-')![1]));
  expect(starts).toHaveLength(3);
  expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  expect(starts[1]).toBeLessThanOrEqual(100_000);
  expect(starts[2]).toBeLessThanOrEqual(150_000);
  expect(onnx.equals(await readFile(join(folder(), 'onnx/model.onnx')))).toBe(true);
});

it('goes on after an abort, and after a process that died', async () => {
  const controller = new AbortController();
  const reason = new Error('the user left');
  hub.faults.push({ cutAfter: 100_000 });
  const work = pullModel(wanted, {
    ...options,
    signal: controller.signal,
    onProgress: ({ file, doneBytes }) => file.endsWith('.onnx') && doneBytes > 90_000 && controller.abort(reason),
  });
  await expect(work).rejects.toBe(reason);
  expect(await cachedModels(cacheFolder)).toEqual([]);
  expect(await names()).toContain('onnx/model.onnx.part');
  await expect(pullModel(wanted, { ...options, offline: true })).rejects.toMatchObject({ code: 'unavailable' });
  await pullModel(wanted, options);
  expect(Number(/bytes=(\d+)-/.exec(ofStore().at(-1)!.range!)![1])).toBeGreaterThan(0);

  await rm(folder(), { recursive: true });
  const dead = join(folder(), 'onnx', 'model.onnx.part-999999999-1');
  await mkdir(dirname(dead), { recursive: true });
  await writeFile(dead, onnx.subarray(0, 200_000));
  await pullModel(wanted, options);
  expect(ofStore().at(-1)!.range).toBe('bytes=200000-');
  expect((await names()).filter((name) => name.includes('part'))).toEqual([]);
});

it('begins anew where what was left is of something else, or the server knows no ranges', async () => {
  const left = join(folder(), 'onnx', 'model.onnx.part');
  await mkdir(dirname(left), { recursive: true });
  await writeFile(left, Buffer.alloc(5_000, 7));
  await pullModel(wanted, options);
  expect(ofStore().map(({ range }) => range)).toEqual(['bytes=5000-', undefined]);
  await rm(folder(), { recursive: true });
  hub.faults.push({ cutAfter: 100_000 }, 'no-ranges');
  await pullModel(wanted, options);
  expect(onnx.equals(await readFile(join(folder(), 'onnx/model.onnx')))).toBe(true);
  await rm(folder(), { recursive: true });
  await mkdir(dirname(left), { recursive: true });
  await appendFile(left, Buffer.alloc(onnx.length + 5));
  await pullModel(wanted, options);
  expect(onnx.equals(await readFile(join(folder(), 'onnx/model.onnx')))).toBe(true);
});

it('refuses a flipped byte, a longer file and another sha256, and keeps nothing of them', async () => {
  hub.faults.push({ flipAt: 123_456 });
  await expect(pullModel(wanted, options)).rejects.toMatchObject({ code: 'corrupt', details: { file: 'onnx/model.onnx' } });
  expect((await names()).filter((name) => name.includes('model.onnx'))).toEqual([]);
  hub.faults.push('longer');
  await expect(pullModel(wanted, options)).rejects.toMatchObject({ code: 'corrupt' });
  await expect(pullModel({ ...wanted, sha256: { 'config.json': sha256(Buffer.from('[]')) } }, options)).rejects.toMatchObject({
    code: 'corrupt',
    details: { file: 'config.json' },
  });
  expect(await cachedModels(cacheFolder)).toEqual([]);
  await pullModel({ ...wanted, sha256: { 'config.json': sha256(files['config.json']) } }, options);
  await expect(pullModel({ ...wanted, sha256: { 'config.json': sha256(Buffer.from('[]')) } }, options)).rejects.toMatchObject({
    code: 'corrupt',
  });
});

it('downloads a file once for two who ask at once, and right for many', async () => {
  const [a, b] = await Promise.all([pullModel(wanted, options), pullModel(wanted, options)]);
  expect(a).toBe(b);
  expect(ofStore()).toHaveLength(1);
  await rm(folder(), { recursive: true });
  // Each can be cancelled alone, so each has its own transfer.
  const signals = Array.from({ length: 4 }, () => new AbortController().signal);
  await Promise.all(signals.map((signal) => pullModel(wanted, { ...options, signal })));
  expect(await names()).toEqual(['config.json', 'onnx', 'onnx/model.onnx', 'resift-model.json', 'tokenizer.json']);
  const [model] = await cachedModels(cacheFolder);
  expect(await damagedFiles(model!)).toEqual([]);
});

it('takes another ONNX file beside the first, and finds what was changed later', async () => {
  await pullModel(wanted, options);
  const model = await pullModel({ ...wanted, file: 'onnx/model_int8.onnx' }, options);
  expect(
    model.files
      .map(({ path }) => path)
      .filter((path) => path.endsWith('.onnx'))
      .sort(),
  ).toEqual(['onnx/model.onnx', 'onnx/model_int8.onnx']);
  expect(await damagedFiles(model)).toEqual([]);
  await writeFile(join(folder(), 'config.json'), '[]');
  await rm(join(folder(), 'onnx/model_int8.onnx'));
  expect((await damagedFiles(model)).sort()).toEqual(['config.json', 'onnx/model_int8.onnx']);
});

it('gives up a silence and takes the transfer up again', async () => {
  hub.faults.push('stall');
  await pullModel(wanted, { ...options, timeoutMs: 3_000 });
  expect(ofStore().map(({ range }) => range)).toEqual([undefined, 'bytes=10-']);
});

it('tries again after a failure of the server, not after a refusal', async () => {
  hub.faults.push({ status: 502 });
  await pullModel(wanted, options);
  await rm(folder(), { recursive: true });
  hub.faults.push({ status: 429 });
  await expect(pullModel(wanted, options)).rejects.toMatchObject({ code: 'rate_limited', details: { retryAfterMs: 7000 } });
  hub.faults.push({ status: 404 });
  await expect(pullModel(wanted, options)).rejects.toMatchObject({ code: 'not_found' });
});

it('says what is wrong', async () => {
  hub.token = 'hf_secret';
  await expect(pullModel(wanted, options)).rejects.toMatchObject({ code: 'invalid_config', message: expect.stringContaining('HF_TOKEN') });
  const refused = await pullModel(wanted, { ...options, token: 'hf_wrong' }).catch((error: Error) => error.message);
  expect(refused).toContain('terms');
  expect(refused).not.toContain('hf_wrong');
  hub.token = undefined;
  await expect(pullModel({ ...wanted, model: 'acme/other' }, options)).rejects.toMatchObject({ code: 'not_found' });
  await expect(pullModel({ ...wanted, file: 'onnx/none.onnx' }, options)).rejects.toThrow('onnx/model_int8.onnx');
  await expect(pullModel(wanted, { ...options, endpoint: 'http://127.0.0.1:9' })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('HF_ENDPOINT'),
  });
  await expect(pullModel(wanted, { ...options, endpoint: 'http://mirror.example', token: 'x' })).rejects.toThrow('https');
  await expect(pullModel(wanted, { ...options, endpoint: 'mirror' })).rejects.toMatchObject({ code: 'invalid_config' });
  await writeFile(join(cacheFolder, 'file'), '');
  await expect(pullModel(wanted, { ...options, cacheFolder: join(cacheFolder, 'file') })).rejects.toThrow();
  hub.faults.push('endless-redirect');
  await expect(pullModel(wanted, options)).rejects.toThrow('redirects');
});

it.each([
  [{ ...wanted, revision: 'main' }, 'invalid_config', 'commit'],
  [{ ...wanted, model: 'tiny' }, 'invalid_input', 'owner/name'],
  [{ ...wanted, model: '../../etc' }, 'invalid_input', 'owner/name'],
  [{ ...wanted, model: 'a/..b' }, 'invalid_input', 'owner/name'],
])('refuses %j before it asks anybody', async (model, code, named) => {
  await expect((async () => pullModel(model, options))()).rejects.toMatchObject({ code, message: expect.stringContaining(named) });
  expect(hub.seen).toEqual([]);
});

it('finds the newest commit', async () => {
  expect(await newestRevision(wanted.model, options)).toBe(REVISION);
  await expect(newestRevision(wanted.model, { ...options, offline: true })).rejects.toMatchObject({ code: 'unavailable' });
});
