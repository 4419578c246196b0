import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HubServer, REVISION, startHub } from '@resift/models/testing/hub-server';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { modelsCommand } from './models.ts';

const files = { 'config.json': Buffer.from('{}'), 'tokenizer.json': Buffer.from('{}'), 'model.onnx': Buffer.from('onnx') };
let hub: HubServer;
let cache: string;
let printed: string;
beforeEach(async () => {
  hub = await startHub('acme/bert', files);
  cache = await mkdtemp(join(tmpdir(), 'resift-cli-models-'));
  printed = '';
  vi.stubEnv('HF_ENDPOINT', hub.endpoint);
  vi.stubEnv('RESIFT_MODELS_DIR', cache);
  vi.stubEnv('HF_TOKEN', '');
  vi.stubEnv('HF_HUB_OFFLINE', '');
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.exitCode = undefined;
  await hub.close();
  await rm(cache, { recursive: true, force: true });
});

async function run(...args: string[]): Promise<string> {
  printed = '';
  await modelsCommand().exitOverride().parseAsync(args, { from: 'user' });
  return printed;
}

it('pulls the newest commit, lists it, and takes it from the cache from then on', async () => {
  expect(await run('pull', 'acme/bert')).toContain(REVISION);
  const [embedded, pulled] = JSON.parse(await run('list', '--json'));
  expect(embedded).toMatchObject({ source: 'embedded', model: '@resift/models-en' });
  expect(pulled).toMatchObject({ source: 'hub', model: 'acme/bert', revision: REVISION, bytes: 8 });
  expect(await readFile(join(pulled.folder, 'model.onnx'), 'utf8')).toBe('onnx');
  vi.stubEnv('HF_HUB_OFFLINE', '1');
  const asked = hub.seen.length;
  expect(JSON.parse(await run('pull', 'acme/bert', '--revision', REVISION, '--json')).folder).toBe(pulled.folder);
  expect(hub.seen.length).toBe(asked);
  await expect(run('pull', 'acme/bert')).rejects.toMatchObject({ code: 'unavailable' });
  expect(await run('list')).toContain('acme/bert');
});

it('verifies every file of every model, and exits 1 where one was changed', async () => {
  const { folder } = JSON.parse(await run('pull', 'acme/bert', '--json'));
  expect(await run('verify')).toContain('acme/bert');
  expect(process.exitCode).toBeUndefined();
  await writeFile(join(folder, 'model.onnx'), 'ONNX');
  expect(JSON.parse(await run('verify', '--json'))).toEqual([
    expect.objectContaining({ model: '@resift/models-en', damaged: [] }),
    expect.objectContaining({ model: 'acme/bert', damaged: ['model.onnx'] }),
  ]);
  expect(process.exitCode).toBe(1);
});

it('sends HF_TOKEN, and refuses a file that is not the one named by --sha256', async () => {
  hub.token = 'hf_secret';
  await expect(run('pull', 'acme/bert')).rejects.toMatchObject({ code: 'invalid_config' });
  vi.stubEnv('HF_TOKEN', 'hf_secret');
  await expect(run('pull', 'acme/bert', '--sha256', `model.onnx=${'0'.repeat(64)}`)).rejects.toMatchObject({ code: 'corrupt' });
  await expect(run('pull', 'acme/bert', '--sha256', 'model.onnx')).rejects.toMatchObject({ code: 'invalid_input' });
  expect((await readdir(cache, { recursive: true })).filter((name) => name.endsWith('.onnx'))).toEqual([]);
});
