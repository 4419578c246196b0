import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { FILMS, testClient } from './testing/client.ts';
import { fakeServices } from './testing/fake-services.ts';

const KEYS = readConfig({}, { RESIFT_API_KEYS: 'acme:key-of-acme,beta:key-of-beta' });
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const OPEN = new Set([
  'GET /',
  'GET /healthz',
  'GET /readyz',
  'GET /metrics',
  'GET /openapi.json',
  'GET /docs',
  'GET /docs/style.css',
  'GET /favicon.svg',
]);
/** Open, but there is no file of this name. */
const ASSETS = 'GET /assets/x';

describe('with keys', () => {
  it('asks every route that is not open for one', async () => {
    const { app, send } = testClient({ config: KEYS });
    const routes = app.router.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => ({ method, path: path.replace(/:\w+/g, 'x') }));
    expect(routes.length).toBeGreaterThan(20);
    for (const { method, path } of routes) {
      for (const headers of [{}, bearer(''), bearer('key-of-acm'), { authorization: 'Basic key-of-acme' }, { 'x-api-key': 'wrong' }]) {
        const { status, text } = await send(method, path, method === 'POST' ? '{}' : undefined, headers);
        const route = `${method} ${path}`;
        // Where the page is not built there is no icon.
        const open = path === '/favicon.svg' ? [200, 404] : [200];
        expect(route === ASSETS ? [404] : OPEN.has(route) ? open : [401], route).toContain(status);
        if (status === 401) expect(text).not.toContain('key-of');
      }
    }
  });

  it('shows a tenant its own and nothing of another, and a foreign id is an absent one', async () => {
    const { post, get, send } = testClient({ config: KEYS });
    await post('/v1/documents', { documents: [{ id: 'secret', text: 'CANARY of beta' }] }, bearer('key-of-beta'));
    await post('/v1/documents', { documents: FILMS }, { 'x-api-key': 'key-of-acme' });
    const job = await post('/v1/documents?wait=false', { documents: [{ id: 'j', text: 'CANARY' }] }, bearer('key-of-beta'));

    const own = bearer('key-of-acme');
    const foreign = await get('/v1/documents/secret', own);
    const absent = await get('/v1/documents/absent', own);
    expect(foreign.status).toBe(404);
    expect({ ...foreign.json.error, request_id: '' }).toEqual({ ...absent.json.error, request_id: '' });
    expect((await send('DELETE', '/v1/documents/secret', undefined, own)).status).toBe(404);
    expect((await get(`/v1/jobs/${job.json.job}`, own)).status).toBe(404);
    for (const reply of [
      await get('/v1/documents', own),
      await get('/v1/collections', own),
      await post('/v1/search', { query: 'CANARY of beta' }, own),
      await post('/v1/chat', { messages: [{ role: 'user', content: 'CANARY of beta?' }] }, own),
    ]) {
      expect(reply.status).toBe(200);
      expect(reply.text).not.toContain('CANARY');
    }
    expect((await get('/v1/documents/secret', bearer('key-of-beta'))).json.text).toContain('CANARY');
    expect((await get('/metrics')).text).not.toMatch(/acme|beta|CANARY/);
  });

  it('limits each tenant for itself, and says when to come back', async () => {
    const { get, post } = testClient({ config: { ...KEYS, rates: { ...KEYS.rates, requests: 2, pairs: 5 } } });
    for (let i = 0; i < 2; i += 1) expect((await get('/v1/models', bearer('key-of-acme'))).status).toBe(200);
    const over = await get('/v1/models', bearer('key-of-acme'));
    expect([over.status, over.json.error.code, over.headers.get('retry-after')]).toEqual([429, 'rate_limited', '30']);
    expect((await get('/v1/models', bearer('key-of-beta'))).status).toBe(200);
    const rerank = await post('/v2/rerank', { query: 'a', documents: Array(5).fill('a') }, bearer('key-of-beta'));
    expect(rerank.status).toBe(200);
  });
});

it('ignores an Authorization header where there are no keys', async () => {
  expect((await testClient().get('/v1/collections', bearer('anything'))).status).toBe(200);
});

it('logs one line a request, with the pattern of the route and no text of anybody', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(line) });
  const app = createApp(fakeServices(), KEYS, log);
  const send = (path: string, init: RequestInit) => app.fetch(new Request(`http://localhost${path}`, init));
  const headers = { ...bearer('key-of-acme'), 'content-type': 'application/json', 'x-request-id': 'mine-1' };
  await send('/v1/documents', { method: 'POST', headers, body: JSON.stringify({ documents: [{ id: 'CANARY-id', text: 'CANARY text' }] }) });
  await send('/v1/documents/CANARY-id', { headers });
  await send('/v1/search', { method: 'POST', headers, body: JSON.stringify({ query: 'CANARY question' }) });
  await send('/v1/nothing?CANARY', { headers: { ...headers, 'x-request-id': 'bad\tid' } });
  expect(lines).toHaveLength(4);
  expect(lines.join('')).not.toMatch(/CANARY|key-of/);
  const parsed = lines.map((line) => JSON.parse(line));
  expect(parsed[0]).toMatchObject({
    request_id: 'mine-1',
    method: 'POST',
    route: '/v1/documents',
    status: 200,
    tenant: 'acme',
    ms: expect.any(Number),
  });
  expect(parsed[1].route).toBe('/v1/documents/:id');
  expect(parsed[3]).toMatchObject({ status: 404, request_id: expect.stringMatching(/^[\w-]{36}$/) });
});

it('logs where something failed, and no word of what it said', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(line) });
  const cause = new Error('row {"text": "CANARY"}');
  const app = createApp(fakeServices({ store: async () => Promise.reject(new Error('CANARY', { cause })) }), readConfig({}, {}), log);
  await app.fetch(new Request('http://localhost/v1/collections'));
  expect(lines.join('')).not.toContain('CANARY');
  expect(JSON.parse(lines[0]!)).toMatchObject({
    msg: 'request failed',
    error: 'Error',
    at: [expect.stringContaining('app.test'), ...Array(7).fill(expect.any(String))],
    cause: { error: 'Error' },
  });
});

it('sends headers that keep a browser safe, on errors too', async () => {
  const { get } = testClient();
  for (const path of ['/healthz', '/nowhere', '/docs']) {
    const { headers } = await get(path);
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'content-security-policy': expect.stringContaining("img-src 'self'"),
    });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  }
});

it('lets named origins in, and no other', async () => {
  const { get } = testClient({ config: { corsOrigins: ['https://app.example'] } });
  expect((await get('/healthz', { origin: 'https://app.example' })).headers.get('access-control-allow-origin')).toBe('https://app.example');
  expect((await get('/healthz', { origin: 'https://evil.example' })).headers.get('access-control-allow-origin')).toBeNull();
});

it('tells nothing of a failure that nobody foresaw', async () => {
  const { get } = testClient({ services: { store: async () => Promise.reject(new Error('secret path /var/x')) } });
  const { status, json, text } = await get('/v1/collections');
  expect([status, json.error.code]).toEqual([500, 'internal']);
  expect(text).not.toMatch(/secret|\/var|at /);
});

it('refuses to start with a preset that does not exist', () => {
  expect(() => testClient({ config: { preset: 'best' } })).toThrow(/RESIFT_PRESET|best/);
});

describe('health', () => {
  it('is alive, ready when its parts are, and counts', async () => {
    let ready = false;
    const { get, post } = testClient({
      services: { readiness: async () => ({ ready, parts: { models: { status: ready ? 'ready' : 'loading' } } }) },
    });
    expect((await get('/healthz')).json).toEqual({ status: 'ok' });
    expect(await get('/readyz')).toMatchObject({ status: 503, json: { ready: false, parts: { models: { status: 'loading' } } } });
    ready = true;
    expect((await get('/readyz')).status).toBe(200);
    await post('/v1/documents', { documents: FILMS });
    await post('/v1/search', { query: 'aspen' });
    const { text } = await get('/metrics');
    expect(text).toContain('http_requests_total{route="/readyz",status="503",reason=""} 1');
    expect(text).toContain('rerank_total{status="applied",reason=""} 1');
    expect(text).toMatch(/inflight 1/);
  });
});
