import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type HostedFetchOptions, hostedFetch } from './hosted-fetch.ts';

const KEY = 'sk-very-secret';
const reply = z.object({ ok: z.boolean() });

type Act = (response: ServerResponse, request: IncomingMessage) => void;
let acts: Act[] = [];
let asked = 0;
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const act = acts[Math.min(asked, acts.length - 1)]!;
    asked += 1;
    request.resume().on('end', () => act(response, request));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rerank`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const says =
  (status: number, body: string, headers: Record<string, string> = {}): Act =>
  (response) =>
    response.writeHead(status, headers).end(body);
const fine = says(200, '{"ok":true}');
const client = (more: Partial<HostedFetchOptions> = {}) =>
  hostedFetch({ name: 'Provider', url, headers: { authorization: `Bearer ${KEY}` }, secrets: [KEY], timeoutMs: 2000, ...more });
const post = (script: Act[], more: Partial<HostedFetchOptions> = {}) => {
  acts = script;
  asked = 0;
  return client(more).post({ query: 'q' }, reply);
};

describe('a server that misbehaves', () => {
  it.each<[string, Act[], object]>([
    ['sends no JSON', [says(200, '<html>')], { code: 'bad_output', details: { reason: 'bad_response' } }],
    ['sends another form', [says(200, '{"ok":"yes"}')], { code: 'bad_output', details: { reason: 'bad_response' } }],
    ['sends nothing', [says(200, '')], { code: 'bad_output' }],
    ['sends too much', [says(200, `{"ok":true,"x":"${'x'.repeat(5000)}"}`)], { code: 'bad_output' }],
    ['redirects', [says(302, '', { location: 'http://127.0.0.1:1/' })], { code: 'unavailable' }],
    ['refuses the request', [says(400, '{"message":"bad"}')], { code: 'invalid_input', details: { status: 400 } }],
    ['refuses the key', [says(401, '{"error":{"message":"no"}}')], { code: 'invalid_config', details: { status: 401 } }],
    ['knows no such model', [says(404, '{"detail":"no model"}')], { code: 'not_found' }],
    ['is overloaded twice', [says(429, '')], { code: 'rate_limited' }],
    ['fails twice', [says(500, '')], { code: 'unavailable', details: { status: 500 } }],
    ['hangs before the headers', [() => {}], { code: 'timeout', details: { reason: 'deadline' } }],
    ['hangs in the body', [(response) => response.writeHead(200).write('{"ok"')], { code: 'timeout', details: { reason: 'deadline' } }],
    [
      'breaks off in the body',
      [(response) => void response.writeHead(200).write('{"ok"', () => response.destroy())],
      { code: 'unavailable' },
    ],
    ['hangs up', [(response) => void response.destroy()], { code: 'unavailable' }],
  ])('%s', async (name, script, error) => {
    await expect(
      post(script, { timeoutMs: name.includes('hangs ') && !name.includes('up') ? 150 : 3000, maxResponseBytes: 4000 }),
    ).rejects.toMatchObject(error);
  });

  it('is not there at all', async () => {
    await expect(hostedFetch({ name: 'Provider', url: 'http://127.0.0.1:1/' }).post({}, reply)).rejects.toMatchObject({
      code: 'unavailable',
    });
  });
});

it('sends the body as JSON with its headers', async () => {
  let seen: IncomingMessage['headers'] = {};
  await post([
    (response, request) => {
      seen = request.headers;
      fine(response, request);
    },
  ]);
  expect(seen).toMatchObject({ 'content-type': 'application/json', authorization: `Bearer ${KEY}` });
});

describe('one retry', () => {
  it.each<[string, Act]>([
    ['a failure', says(503, '')],
    ['a lost connection', (response) => void response.destroy()],
    ['a wish that fits', says(429, '', { 'retry-after-ms': '20' })],
  ])('after %s', async (_, first) => {
    expect(await post([first, fine])).toEqual({ ok: true });
    expect(asked).toBe(2);
  });

  it('never more', async () => {
    await expect(post([says(503, '')])).rejects.toMatchObject({ code: 'unavailable' });
    expect(asked).toBe(2);
  });

  it.each<[string, Act]>([
    ['the caller’s mistake', says(422, '')],
    ['a wrong reply', says(200, '[]')],
    ['a wish that does not fit the deadline', says(429, '', { 'retry-after': '30' })],
  ])('not after %s', async (_, first) => {
    await expect(post([first, fine])).rejects.toThrow();
    expect(asked).toBe(1);
  });

  it('for at most a tenth of the calls', async () => {
    acts = [says(503, '')];
    asked = 0;
    const flaky = client({ breakAfter: 1000 });
    for (let i = 0; i < 40; i++) await flaky.post({}, reply).catch(() => {});
    expect(asked).toBe(44);
  });
});

describe('the breaker', () => {
  it('opens after failures in a row, lets one call try, and closes when that succeeds', async () => {
    let now = 0;
    acts = [says(500, '')];
    asked = 0;
    const breaking = client({ breakAfter: 3, breakMs: 1000, now: () => now });
    for (let i = 0; i < 3; i++) await expect(breaking.post({}, reply)).rejects.toMatchObject({ details: { status: 500 } });
    const before = asked;
    await expect(breaking.post({}, reply)).rejects.toMatchObject({
      code: 'unavailable',
      details: { reason: 'circuit_open', retryAfterMs: 1000 },
    });
    expect(asked).toBe(before);

    now = 1001;
    acts = [fine];
    const trying = breaking.post({}, reply);
    await expect(breaking.post({}, reply)).rejects.toMatchObject({ details: { reason: 'circuit_open' } });
    expect(await trying).toEqual({ ok: true });
    expect(await breaking.post({}, reply)).toEqual({ ok: true });
  });

  it('opens for as long as the server asks, at most a minute', async () => {
    acts = [says(429, '', { 'retry-after': '3600' })];
    asked = 0;
    const breaking = client({ now: () => 0 });
    await expect(breaking.post({}, reply)).rejects.toMatchObject({ code: 'rate_limited', details: { retryAfterMs: 3_600_000 } });
    await expect(breaking.post({}, reply)).rejects.toMatchObject({ details: { reason: 'circuit_open', retryAfterMs: 60_000 } });
    expect(asked).toBe(1);
  });

  it('stays closed for mistakes of the caller', async () => {
    acts = [says(400, '')];
    const breaking = client({ breakAfter: 1 });
    for (let i = 0; i < 3; i++) await expect(breaking.post({}, reply)).rejects.toMatchObject({ code: 'invalid_input' });
  });
});

it('rejects with the caller’s reason, before and on the way, and hangs up', async () => {
  const reason = new Error('the user left');
  await expect(client().post({}, reply, AbortSignal.abort(reason))).rejects.toBe(reason);

  const controller = new AbortController();
  const closed = new Promise<void>((resolve) => {
    acts = [(response) => void response.on('close', resolve)];
    asked = 0;
  });
  const work = client().post({}, reply, controller.signal);
  while (asked === 0) await new Promise((resolve) => setImmediate(resolve));
  controller.abort(reason);
  await expect(work).rejects.toBe(reason);
  await closed;
});

it('never shows the key, not even where the server says it', async () => {
  const echo = JSON.stringify({ message: `invalid key ${KEY} given`, input: 'document text' });
  const error = await post([says(401, echo)]).catch((thrown: Error) => thrown);
  expect((error as Error).message).toContain('invalid key [key] given');
  const all = JSON.stringify({ ...(error as object), message: (error as Error).message, stack: (error as Error).stack });
  expect(all).not.toContain(KEY);
  expect(all).not.toContain('document text');
});

it.each(['nonsense', 'ftp://host/', 'https://user:pass@host/'])('refuses the URL %s', (wrong) => {
  expect(() => hostedFetch({ name: 'Provider', url: wrong })).toThrow(expect.objectContaining({ code: 'invalid_config' }));
  expect(() => hostedFetch({ name: 'Provider', url: wrong })).not.toThrow('user:pass');
});
