import { connect } from 'node:net';
import { createReranker } from '@resift/core';
import type { Generator } from '@resift/rag';
import { afterEach, expect, it, vi } from 'vitest';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { defaultLimits } from './limits.ts';
import { listen, type RunningServer } from './server.ts';
import type { Services } from './services.ts';
import { eventsOf, FILMS } from './testing/client.ts';
import { fakeServices } from './testing/fake-services.ts';

const servers: RunningServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function start(services: Partial<Services> = {}, limits: Partial<typeof defaultLimits> = {}) {
  const config = { ...readConfig({ PORT: '0' }, {}), limits: { ...defaultLimits, ...limits } };
  const app = createApp(fakeServices(services), config);
  const server = await listen(app, config);
  servers.push(server);
  const post = (path: string, body: unknown, init: RequestInit = {}) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      ...init,
      headers: { 'content-type': 'application/json', ...init.headers },
    });
  expect((await post('/v1/documents', { documents: FILMS })).status).toBe(200);
  return { app, server, post, url: server.url, port: Number(new URL(server.url).port) };
}

const CHAT = { messages: [{ role: 'user', content: 'Jim Carrey in Aspen?' }], stream: true };
const endless = (onAbort: () => void = () => {}): { chat: Generator } => ({
  chat: {
    id: 'endless',
    async *generate({ signal }) {
      signal!.addEventListener('abort', onAbort);
      yield { text: 'one ' };
      await new Promise(() => {});
    },
  },
});

// biome-ignore lint/suspicious/noExplicitAny: a test looks into any shape
const jsonOf = async (response: Response): Promise<any> => response.json();

/** A server that stopped lets fetch fail; until then it answers. */
const statusOf = async (url: string) => (await fetch(url)).status;

it('serves on a port, and stops when asked twice', async () => {
  const { server, url } = await start();
  expect(await statusOf(`${url}/readyz`)).toBe(200);
  await Promise.all([server.stop(), server.stop()]);
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
});

it('says which port is taken', async () => {
  const { port, app } = await start();
  await expect(listen(app, readConfig({ PORT: String(port) }, {}))).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining(String(port)),
  });
});

it('lets a stream end with error{shutdown}, new requests get 503, readiness goes first', async () => {
  const { app, server, post, url } = await start(endless(), { shutdownMs: 150 });
  const streams = await Promise.all(Array.from({ length: 5 }, () => post('/v1/chat', CHAT)));
  const texts = Promise.all(streams.map((stream) => stream.text()));
  const stopped = server.stop();
  expect(app.lifecycle.draining).toBe(true);
  expect(await statusOf(`${url}/readyz`)).toBe(503);
  expect(await statusOf(`${url}/healthz`)).toBe(200);
  const late = await post('/v1/search', { query: 'aspen' });
  expect([late.status, (await jsonOf(late)).error.code, late.headers.get('retry-after')]).toEqual([503, 'shutdown', '5']);
  for (const text of await texts) {
    const events = eventsOf(text);
    expect(events.at(-1)!.event).toBe('error');
    expect(JSON.parse(events.at(-1)!.data)).toMatchObject({ code: 'shutdown', retryable: true });
    expect(events.filter(({ event }) => event === 'done')).toHaveLength(0);
  }
  await stopped;
});

it('waits for what can still finish', async () => {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const chat: Generator = {
    id: 'slow',
    async *generate() {
      yield { text: 'It is ' };
      await opened;
      yield { text: 'done.' };
    },
  };
  const { server, post } = await start({ chat });
  const stream = await post('/v1/chat', CHAT);
  const stopped = server.stop();
  open();
  expect(eventsOf(await stream.text()).at(-1)!.event).toBe('done');
  await stopped;
});

it('stops the work of a client that leaves: while it streams, and while it waits for a reranking', async () => {
  const left = vi.fn();
  let rerankSignal: AbortSignal | undefined;
  const reranker = createReranker({
    id: 'hangs',
    scale: 'probability',
    score: (_, __, { signal }) => {
      rerankSignal = signal;
      return new Promise<never>(() => {});
    },
  });
  const { app, post } = await start({ ...endless(left), rerankers: new Map([['resift-mini', { reranker }]]) });
  const streaming = new AbortController();
  const stream = await post('/v1/chat', CHAT, { signal: streaming.signal });
  await stream.body!.getReader().read();
  streaming.abort();
  await vi.waitFor(() => expect(left).toHaveBeenCalledOnce());

  const waiting = new AbortController();
  const reranked = post('/v2/rerank', { query: 'a', documents: ['b'] }, { signal: waiting.signal });
  await vi.waitFor(() => expect(rerankSignal).toBeDefined());
  waiting.abort();
  await expect(reranked).rejects.toThrow();
  await vi.waitFor(() => expect(rerankSignal!.aborted).toBe(true));
  await vi.waitFor(() => expect(app.lifecycle.inflight).toBe(0));
});

it('drops a client that reads nothing, and stops the work', async () => {
  let aborted = false;
  const chat: Generator = {
    id: 'flood',
    async *generate({ signal }) {
      signal!.addEventListener('abort', () => {
        aborted = true;
      });
      for (;;) {
        yield { text: `${'word '.repeat(20_000)}. ` };
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
  const { app, port } = await start({ chat }, { stallMs: 100 });
  const body = JSON.stringify(CHAT);
  const socket = connect(port, '127.0.0.1');
  socket.pause();
  socket.write(
    `POST /v1/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await vi.waitFor(() => expect(aborted).toBe(true), { timeout: 20_000 });
  await vi.waitFor(() => expect(app.lifecycle.inflight).toBe(0));
  socket.destroy();
});

it('keeps pages of other sites out where no key is asked for', async () => {
  const { post, url, port } = await start();
  const evil = { headers: { origin: 'https://evil.example' } };
  expect((await post('/v1/search', { query: 'aspen' }, evil)).status).toBe(403);
  expect((await post('/v1/search', { query: 'aspen' }, { headers: { origin: url } })).status).toBe(200);
  const form = new FormData();
  form.set('files', new File(['text'], 'a.txt'));
  expect((await fetch(`${url}/v1/documents`, { method: 'POST', body: form, ...evil })).status).toBe(403);
  // fetch will not send another Host, so this is written by hand.
  const rebound = await new Promise<string>((resolve) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write('GET /v1/documents HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'),
    );
    let text = '';
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('end', () => resolve(text));
  });
  expect(rebound).toMatch(/^HTTP\/1\.1 403/);
});

it('takes files of a form', async () => {
  const { url } = await start();
  const form = new FormData();
  form.set('collection', 'files');
  form.append('files', new File(['# Bridge\n\nThe bridge was opened in 1937.'], 'bridge.md'));
  form.append('files', new File(['id,text\n1,one\n'], 'table.csv'));
  const response = await fetch(`${url}/v1/documents`, { method: 'POST', body: form });
  const body = await jsonOf(response);
  expect([response.status, body.collection, body.documents[0].id]).toEqual([200, 'files', 'bridge.md']);
  const bad = new FormData();
  bad.append('files', new File([new Uint8Array([1, 2, 3])], 'x.pdf'));
  const refused = await fetch(`${url}/v1/documents`, { method: 'POST', body: bad });
  expect([refused.status, (await jsonOf(refused)).error.code]).toEqual([422, 'unusable_content']);
});
