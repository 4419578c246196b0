import { createReranker } from '@resift/core';
import { describe, expect, it, vi } from 'vitest';
import { defaultLimits } from './limits.ts';
import { FILMS, testClient } from './testing/client.ts';

/** X4: each limit at the limit, one above, ten times, and in shapes that are no number. Nothing is computed for what is refused. */
const score = vi.fn(async (_: string, texts: readonly string[]) => ({ values: texts.map(() => 0.5) }));
const reranker = createReranker({ id: 'counting', scale: 'probability', score });
const services = { rerankers: new Map([['resift-mini', { reranker }]]), presets: new Map([['balanced', { reranker, budgetMs: 800 }]]) };
const limits = { ...defaultLimits, jsonBytes: 4_000, rerankBytes: 9_000, ingestBytes: 6_000 };

const filler = (bytes: number, body: Record<string, unknown>, field: string) => {
  const bare = Buffer.byteLength(JSON.stringify({ ...body, [field]: '' }));
  return { ...body, [field]: 'x'.repeat(bytes - bare) };
};
const NOT_WHOLE: readonly string[] = ['-1', '1.5', '1e999', '"5"', 'true', '[]', '{}'];

async function films() {
  const client = testClient({ services, config: { limits } });
  await client.post('/v1/documents', { documents: FILMS });
  score.mockClear();
  return client;
}

describe.each([
  ['/v1/search', 'jsonBytes', { query: 'aspen', filter: {} }, 'preset'],
  ['/v1/chat', 'jsonBytes', { messages: [{ role: 'user', content: 'aspen' }] }, 'preset'],
  ['/v1/groundedness', 'jsonBytes', { claims: ['a'] }, 'context'],
  ['/v1/chat/completions', 'jsonBytes', { model: 'resift', messages: [{ role: 'user', content: 'aspen' }] }, 'user'],
  ['/v2/rerank', 'rerankBytes', { query: 'a', documents: ['b'] }, 'padding'],
  ['/v1/rerank', 'rerankBytes', { query: 'a', documents: ['b'] }, 'padding'],
  ['/rerank', 'rerankBytes', { query: 'a', texts: ['b'] }, 'padding'],
  ['/v1/documents', 'ingestBytes', { documents: [{ text: 'a' }] }, 'collection'],
] as const)('%s: %s', (path, limit, body, field) => {
  it.each([1, 10])('is a 413 beyond it, times %i', async (times) => {
    const { post } = await films();
    const { status, text } = await post(path, filler(limits[limit] * times + 1, body, field));
    expect([status, text.includes(String(limits[limit]))]).toEqual([413, true]);
    expect(score).not.toHaveBeenCalled();
  });

  it('is a 413 also where the length is not declared', async () => {
    const { app } = await films();
    const bytes = new TextEncoder().encode(JSON.stringify(filler(limits[limit] + 1, body, field)));
    const stream = new ReadableStream({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 1_000) controller.enqueue(bytes.slice(at, at + 1_000));
        controller.close();
      },
    });
    const request = new Request(`http://localhost${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: stream,
      duplex: 'half',
    } as RequestInit);
    expect((await app.fetch(request)).status).toBe(413);
  });

  it('lets the limit itself through', async () => {
    const { post } = await films();
    expect((await post(path, filler(limits[limit], body, field))).status).not.toBe(413);
  });
});

describe.each([
  ['/v1/search', { query: 'aspen' }, 'candidates', 200],
  ['/v1/search', { query: 'aspen' }, 'top_k', 200],
  ['/v1/chat', { messages: [{ role: 'user', content: 'aspen' }] }, 'top_n', 20],
  ['/v1/chat', { messages: [{ role: 'user', content: 'aspen' }] }, 'candidates', 200],
] as const)('%s %j: %s', (path, body, field, most) => {
  const send = async (value: string) => (await films()).send('POST', path, `${JSON.stringify(body).slice(0, -1)},"${field}":${value}}`);

  it('takes its limit', async () => {
    expect((await send(String(most))).status).toBe(200);
  });
  it.each([String(most + 1), String(most * 10), '0', ...NOT_WHOLE])(
    'refuses %s, naming the field, before anything is computed',
    async (value) => {
      const { status, json } = await send(value);
      expect([status, json.error.field]).toEqual([400, field]);
      expect(score).not.toHaveBeenCalled();
    },
  );
  it('refuses NaN as malformed', async () => {
    expect((await send('NaN')).status).toBe(400);
  });
});

it('takes a document at the limit of its text, and refuses one above', async () => {
  const small = testClient({ config: { limits: { ...defaultLimits, documentCharacters: 100 } } });
  expect((await small.post('/v1/documents', { documents: [{ text: 'x'.repeat(100) }] })).status).toBe(200);
  const { status, json } = await small.post('/v1/documents', { documents: [{ text: 'x'.repeat(101) }] });
  expect([status, json.error.field]).toEqual([413, 'documents[0].text']);
});

describe('X6: prototypes stay as they are', () => {
  const POLLUTION = ['{"__proto__":{"x":1}}', '{"constructor":{"prototype":{"x":1}}}', '{"prototype":{"x":1}}'];
  const places: readonly (readonly [string, (evil: string) => string])[] = [
    ['/v1/search', (evil) => `{"query":"a",${evil.slice(1)}`],
    ['/v1/search', (evil) => `{"query":"a","filter":${evil}}`],
    ['/v1/chat', (evil) => `{"messages":[{"role":"user","content":"a"}],${evil.slice(1)}`],
    ['/v1/chat', (evil) => `{"messages":[{"role":"user","content":"a",${evil.slice(1)}]}`],
    ['/v1/chat', (evil) => `{"messages":[{"role":"user","content":"a"}],"filter":${evil}}`],
    ['/v1/documents', (evil) => `{"documents":[{"text":"a"}],${evil.slice(1)}`],
    ['/v1/documents', (evil) => `{"documents":[{"text":"a",${evil.slice(1)}]}`],
    ['/v1/documents', (evil) => `{"documents":[{"text":"a","metadata":${evil}}]}`],
    ['/v1/documents', (evil) => `{"documents":[{"text":"a","metadata":{"deep":${evil}}}]}`],
    ['/v1/collections', (evil) => `{"name":"a",${evil.slice(1)}`],
    ['/v1/groundedness', (evil) => `{"context":"a","claims":["b"],${evil.slice(1)}`],
  ];
  it.each(places.flatMap(([path, body]) => POLLUTION.map((evil) => [path, body(evil)] as const)))('%s %s', async (path, body) => {
    const { send } = await films();
    const { status, json } = await send('POST', path, body);
    expect([status, json.error.code]).toEqual([400, 'invalid_input']);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('ignores them where unknown fields are ignored', async () => {
    const { send } = await films();
    for (const evil of POLLUTION) {
      expect((await send('POST', '/v2/rerank', `{"query":"a","documents":["b"],${evil.slice(1)}`)).status).toBe(200);
      expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    }
  });
});

it.each(['/v1/search', '/v1/documents', '/v2/rerank'])('%s survives a body of a hundred thousand levels', async (path) => {
  const { send } = testClient();
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  for (const body of [deep, `{"query":"a","filter":{"a":${deep}},"documents":[{"text":"a","metadata":{"a":${deep}}}]}`]) {
    expect((await send('POST', path, body)).status).toBe(400);
  }
});
