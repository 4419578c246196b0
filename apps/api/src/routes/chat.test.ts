import type { Generator } from '@resift/rag';
import { expect, it } from 'vitest';
import { defaultLimits } from '../limits.ts';
import { eventsOf, FILMS, testClient } from '../testing/client.ts';
import { overlap } from '../testing/fake-services.ts';

const ASK = { messages: [{ role: 'user', content: 'Where does Jim Carrey travel with his friend?' }] };

async function withFilms(options?: Parameters<typeof testClient>[0]) {
  const client = testClient(options);
  await client.post('/v1/documents', { documents: FILMS });
  return client;
}

const generator = (generate: Generator['generate']): { chat: Generator } => ({ chat: { id: 'scripted', generate } });

it('answers with citations whose offsets hold', async () => {
  const { post, get } = await withFilms();
  const { status, json, headers } = await post('/v1/chat', ASK);
  expect(status).toBe(200);
  expect(headers.get('rerank-status')).toBe('applied');
  expect(json).toMatchObject({
    id: expect.stringMatching(/^chat-/),
    abstained: false,
    rerank: { status: 'applied' },
    groundedness: { status: 'checked' },
  });
  expect(json.sources[0]).toMatchObject({ document_id: 'dumb', scale: 'probability', first_stage: { rank: expect.any(Number) } });
  expect(json.answer).toContain('Dumb and Dumber');
  expect(json.citations.length).toBeGreaterThan(0);
  for (const { source, start, end, quote, quote_start, quote_end } of json.citations) {
    const { document_id } = json.sources.find(({ id }: { id: string }) => id === source);
    const { text } = (await get(`/v1/documents/${document_id}`)).json;
    expect(text.slice(quote_start, quote_end)).toBe(quote);
    expect(json.answer.slice(start, end)).not.toBe('');
  }
});

it('streams meta, deltas, citations and one done that say the same', async () => {
  const { post } = await withFilms();
  const whole = (await post('/v1/chat', ASK)).json;
  const { text, headers } = await post('/v1/chat', { ...ASK, stream: true });
  expect(headers.get('content-type')).toContain('text/event-stream');
  expect(headers.get('rerank-status')).toBe('applied');
  expect(headers.get('x-request-id')).toBeTruthy();
  const events = eventsOf(text).map(({ event, data }) => ({ event, data: JSON.parse(data) }));
  expect(events[0]!.event).toBe('meta');
  expect(events.at(-1)!.event).toBe('done');
  expect(events.filter(({ event }) => event === 'done' || event === 'error')).toHaveLength(1);
  const { sources, rerank } = events[0]!.data;
  expect(sources).toEqual(whole.sources);
  expect(rerank.status).toBe('applied');
  expect(
    events
      .filter(({ event }) => event === 'delta')
      .map(({ data }) => data.text)
      .join(''),
  ).toBe(whole.answer);
  expect(events.filter(({ event }) => event === 'citation').map(({ data }) => data)).toEqual(whole.citations);
  expect(events.at(-1)!.data).toMatchObject({ answer: whole.answer, citations: whole.citations, abstained: false });
});

it('abstains with a sentence, also over an empty collection', async () => {
  const { post } = await withFilms();
  await post('/v1/collections', { name: 'empty' });
  for (const body of [{ ...ASK, collection: 'empty' }, { messages: [{ role: 'user', content: 'How many moons has Zorblax?' }] }]) {
    const { json } = await post('/v1/chat', body);
    expect(json).toMatchObject({ abstained: true, citations: [] });
    expect(json.answer.length).toBeGreaterThan(10);
  }
});

it('answers though the reranker fails', async () => {
  const bad = { ...overlap('bad', 'probability'), rerank: async () => Promise.reject(new Error('secret words of a document')) };
  const { post } = await withFilms({ services: { presets: new Map([['balanced', { reranker: bad, budgetMs: 100 }]]) } });
  const { status, json, text } = await post('/v1/chat', ASK);
  expect(status).toBe(200);
  expect(json.rerank).toMatchObject({ status: 'degraded', reason: 'unavailable' });
  expect(json.sources[0].scale).toBe('first_stage');
  expect(text).not.toContain('secret words');
});

it('gives a status where the model fails before its first word, also to a stream', async () => {
  const { post } = await withFilms({
    services: generator(async function* () {
      yield* [];
      const { ResiftError } = await import('@resift/core');
      throw new ResiftError('unavailable', 'The chat model does not answer.');
    }),
  });
  for (const stream of [false, true]) {
    const { status, json, headers } = await post('/v1/chat', { ...ASK, stream });
    expect(status).toBe(503);
    expect(json.error.code).toBe('unavailable');
    expect(headers.get('retry-after')).toBe('1');
  }
});

it('ends a stream with one error where the model breaks off, never with done', async () => {
  const { post } = await withFilms({
    services: generator(async function* () {
      yield { text: 'The first half. ' };
      throw new Error('stack and secrets');
    }),
  });
  const { status, text } = await post('/v1/chat', { ...ASK, stream: true });
  expect(status).toBe(200);
  const events = eventsOf(text);
  expect(events.map(({ event }) => event)).toEqual(['meta', 'delta', 'error']);
  expect(JSON.parse(events.at(-1)!.data)).toEqual({
    code: 'internal',
    message: expect.any(String),
    retryable: false,
    request_id: expect.any(String),
  });
  expect(text).not.toContain('secrets');
});

it('stops the model when the client leaves', async () => {
  let stopped: () => void;
  const stop = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  const { app, post } = testClient({
    services: generator(async function* ({ signal }) {
      signal!.addEventListener('abort', () => stopped());
      yield { text: 'one ' };
      await new Promise(() => {});
    }),
  });
  await post('/v1/documents', { documents: FILMS });
  const request = new Request('http://localhost/v1/chat', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...ASK, stream: true }),
  });
  const response = await app.fetch(request);
  const body = response.body!.getReader();
  await body.read();
  await body.cancel();
  await stop;
  await app.lifecycle.idle();
  expect(app.lifecycle.inflight).toBe(0);
});

it.each([
  [{ messages: [] }, 400, 'messages'],
  [{}, 400, 'messages'],
  [{ messages: [{ role: 'user' }] }, 400, 'messages[0].content'],
  [{ messages: [{ role: 'robot', content: 'a' }] }, 400, 'messages[0].role'],
  [{ messages: [{ role: 'user', content: 'a', name: 'b' }] }, 400, 'messages[0].name'],
  [
    {
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
      ],
    },
    400,
    'messages[1].role',
  ],
  [{ messages: [{ role: 'user', content: '  ' }] }, 422, 'messages[0].content'],
  [{ messages: [{ role: 'user', content: 'x'.repeat(8_001) }] }, 413, 'messages[0].content'],
  [{ ...ASK, stream: 'yes' }, 400, 'stream'],
  [{ ...ASK, top_n: 0 }, 400, 'top_n'],
  [{ ...ASK, generator: 'chat' }, 400, 'generator'],
  [{ ...ASK, generator: 'magic' }, 400, 'generator'],
  [{ ...ASK, unknown: true }, 400, 'unknown'],
  [{ ...ASK, collection: 'nowhere' }, 404, 'collection'],
])('refuses %.70j with %i at %s, streaming or not', async (body, status, field) => {
  const { post } = await withFilms();
  for (const stream of [false, true]) {
    const reply = await post('/v1/chat', { stream, ...body });
    expect([reply.status, reply.json.error.field]).toEqual([status, field]);
  }
});

it('gives the generator at most top_n passages', async () => {
  const { post } = await withFilms();
  expect((await post('/v1/chat', { ...ASK, top_n: 1 })).json.sources).toHaveLength(1);
});

it('answers so many at once with its own models, lets some wait and turns the others away; a seat is free again after an answer, a failure and a client that left', async () => {
  const gates: (() => void)[] = [];
  const slow: Generator['generate'] = async function* ({ question }) {
    await new Promise<void>((resolve) => gates.push(resolve));
    if (question.includes('fail')) throw new Error('broken');
    yield { text: 'Aspen.' };
  };
  const config = { workers: 1, limits: { ...defaultLimits, queuedRequests: 1 } };
  const { app, post } = await withFilms({ services: { extractive: { id: 'slow', generate: slow } }, config });
  const ask = (content: string) => post('/v1/chat', { messages: [{ role: 'user', content }] });
  const finish = () => {
    for (const open of gates.splice(0)) open();
  };

  for (const kind of ['first', 'fail', 'again']) {
    const all = Array.from({ length: 4 }, (_, i) => ask(`${kind} ${i}?`));
    const refused = await Promise.race(all);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    await expect.poll(() => gates.length).toBe(2);
    finish();
    await expect.poll(() => gates.length).toBe(1);
    finish();
    const statuses = (await Promise.all(all)).map(({ status }) => status).toSorted();
    expect(statuses).toEqual(kind === 'fail' ? [429, 500, 500, 500] : [200, 200, 200, 429]);
  }

  const leaving = new AbortController();
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, signal: leaving.signal };
  const body = JSON.stringify({ messages: [{ role: 'user', content: 'left?' }], stream: true });
  const left = [1, 2].map(async () => (await app.fetch(new Request('http://localhost/v1/chat', { ...init, body }))).text().catch(() => ''));
  await expect.poll(() => gates.length).toBe(2);
  leaving.abort();
  await Promise.all(left);
  gates.splice(0);
  const after = ask('after?');
  await expect.poll(() => gates.length).toBe(1);
  finish();
  expect((await after).status).toBe(200);
});

it('leaves a chat model elsewhere to its own limits', async () => {
  let [asked, open] = [0, () => {}];
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const { post } = await withFilms({
    services: generator(async function* () {
      asked += 1;
      await opened;
      yield { text: 'Aspen [1].' };
    }),
    config: { workers: 1, limits: { ...defaultLimits, queuedRequests: 8 } },
  });
  const all = Array.from({ length: 8 }, () => post('/v1/chat', ASK));
  await expect.poll(() => asked).toBe(8);
  open();
  expect((await Promise.all(all)).map(({ status }) => status)).toEqual(Array(8).fill(200));
});
