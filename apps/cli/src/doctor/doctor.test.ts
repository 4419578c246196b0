import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '@resift/api/config';
import { afterEach, describe, expect, it } from 'vitest';
import { chatCheck, readSettings } from './config-checks.ts';
import { cpuCheck, diskCheck, memoryCheck, nodeCheck } from './machine-checks.ts';
import { modelFilesCheck, runtimeCheck } from './model-checks.ts';
import { portCheck } from './port-check.ts';
import { redisCheck } from './redis-check.ts';
import { storeCheck } from './store-check.ts';

const never = new AbortController().signal;
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'resift-doctor-'));
  open.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

describe('the machine', () => {
  it.each([
    ['20.19.0', 'ok'],
    ['24.1.0', 'ok'],
    ['20.18.3', 'failed'],
    ['18.20.0', 'failed'],
  ])('Node %s: %s', (version, status) => expect(nodeCheck('>=20.19', version).status).toBe(status));

  it('warns of a processor without the instructions, and not where the system keeps silent', async () => {
    const file = join(folder(), 'cpuinfo');
    writeFileSync(file, 'processor\t: 0\nflags\t\t: fpu sse2 ssse3\n');
    expect((await cpuCheck('x64', file)).status).toBe('warning');
    writeFileSync(file, 'processor\t: 0\nflags\t\t: fpu avx2 fma avx512_vnni\n');
    expect(await cpuCheck('x64', file)).toMatchObject({ status: 'ok', says: expect.stringContaining('avx512_vnni') });
    writeFileSync(file, 'Features\t: fp asimd asimddp\n');
    expect((await cpuCheck('arm64', file)).status).toBe('ok');
    expect((await cpuCheck('x64', join(folder(), 'none'))).status).toBe('ok');
  });

  it('warns of little memory', async () => {
    expect((await memoryCheck(200 * 1024 ** 2)).todo).toContain('RESIFT_WORKERS');
    expect((await memoryCheck(8 * 1024 ** 3)).status).toBe('ok');
    expect((await diskCheck(join(folder(), 'not/there/yet'))).says).toContain('GiB free');
  });
});

describe('the models', () => {
  it('names each damaged file', async () => {
    const models = folder();
    const entry = (file: string, text: string) => {
      writeFileSync(join(models, file), text);
      return { file, sha256: createHash('sha256').update(text).digest('hex'), bytes: text.length };
    };
    const { file: _, ...digest } = entry('a.onnx', 'right');
    const manifest = {
      version: '9',
      base: 'b',
      vocab: entry('v.txt', 'v'),
      lexicon: { ...entry('l.gz', 'l'), documents: 1 },
      files: { 'a.onnx': digest },
    };
    writeFileSync(join(models, 'manifest.json'), JSON.stringify(manifest));
    expect(await modelFilesCheck(models)).toMatchObject({ status: 'ok', says: expect.stringContaining('3 files') });
    writeFileSync(join(models, 'a.onnx'), 'wrong');
    expect(await modelFilesCheck(models)).toMatchObject({ status: 'failed', says: expect.stringContaining('a.onnx') });
    expect((await modelFilesCheck(folder())).status).toBe('failed');
  });

  it('says why the runtime does not load', async () => {
    expect((await runtimeCheck()).says).toMatch(/onnxruntime-node \d+\.\d+/);
    const error = await runtimeCheck(() => Promise.reject(new Error('ld-linux-x86-64.so.2: cannot open\nat x')));
    expect(error).toMatchObject({ status: 'failed', todo: expect.stringContaining('musl') });
    expect(error.says).not.toContain('at x');
  });
});

describe('the settings', () => {
  it('lists every mistake and shows no secret', async () => {
    const { checks, config } = await readSettings({ PORT: 'many', RESIFT_PRESET: 'fastest', RESIFT_API_KEYS: 'secret-without-colon' });
    expect(config).toBeUndefined();
    expect(checks.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed']);
    expect(JSON.stringify(checks)).not.toContain('secret-without-colon');
  });

  it('asks the chat server for its models with the key, and sends no question', async () => {
    const asked: string[] = [];
    const server = createHttp((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.statusCode = request.headers.authorization === 'Bearer right' ? 200 : 401;
      response.end(JSON.stringify({ data: [{ id: 'llama' }] }));
    });
    const url = `http://127.0.0.1:${await listening(server)}/v1`;
    const check = (RESIFT_CHAT_MODEL: string, RESIFT_CHAT_KEY: string) =>
      chatCheck(readConfig({}, { RESIFT_CHAT_URL: url, RESIFT_CHAT_MODEL, RESIFT_CHAT_KEY }), never);
    expect((await check('llama', 'right')).status).toBe('ok');
    expect(await check('other', 'right')).toMatchObject({ status: 'warning', says: expect.stringContaining('llama') });
    expect(await check('llama', 'wrong')).toMatchObject({ status: 'failed', todo: 'Correct RESIFT_CHAT_KEY.' });
    expect(new Set(asked)).toEqual(new Set(['GET /v1/models Bearer right', 'GET /v1/models Bearer wrong']));
    const gone = readConfig({}, { RESIFT_CHAT_URL: 'http://127.0.0.1:9/v1', RESIFT_CHAT_MODEL: 'm' });
    expect((await chatCheck(gone, never)).status).toBe('failed');
  });
});

describe('what is shared', () => {
  it('knows a Redis by its answer', async () => {
    const fake = (reply: string) => listening(createServer((socket) => socket.once('data', () => socket.end(reply))));
    expect((await redisCheck(`redis://127.0.0.1:${await fake('+PONG\r\n')}`, never)).status).toBe('ok');
    const refused = await redisCheck(`redis://:x@127.0.0.1:${await fake('-WRONGPASS invalid password\r\n-NOAUTH\r\n')}`, never);
    expect(refused).toMatchObject({ status: 'failed', says: expect.stringContaining('WRONGPASS') });
    expect((await redisCheck('redis://127.0.0.1:9', never)).says).toContain('ECONNREFUSED');
  });

  it('tells a free port, a resift server and another program apart', async () => {
    const other = await listening(createHttp((_, response) => response.end('hello')));
    expect(await portCheck('127.0.0.1', other, never)).toMatchObject({ status: 'failed', todo: expect.stringContaining('PORT') });
    const resift = await listening(createHttp((_, response) => response.end('{"info": {"title": "resift"}}')));
    expect((await portCheck('127.0.0.1', resift, never)).says).toContain('a resift server answers');
    expect((await portCheck('127.0.0.1', 0, never)).status).toBe('ok');
    expect((await portCheck('192.0.2.1', 0, never)).status).toBe('failed');
  });

  it('makes no data folder, and refuses one that is a file', async () => {
    const parent = folder();
    const settings = (name: string) => readConfig({}, { RESIFT_DATA_DIR: join(parent, name) });
    expect((await storeCheck(settings('new/data'), never)).says).toContain('does not exist yet');
    writeFileSync(join(parent, 'file'), '');
    expect((await storeCheck(settings('file'), never)).status).toBe('failed');
    mkdirSync(join(parent, 'empty'));
    expect((await storeCheck(settings('empty'), never)).says).toContain('0 collections');
  });
});
