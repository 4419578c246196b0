import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { testClient } from '@resift/api/testing/client';
import { createReranker, type Reranker } from '@resift/core';
import { cohereReranker } from '@resift/models/hosted-cohere';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

// F11-F14 of reliability.md: a hosted reranker that is late, trickles, asks for patience or fails now and then, seen through a search.
type Act = (response: ServerResponse, request: IncomingMessage) => void;
let act: Act;
let asked: number;
let closedEarly: number;
let server: Server;
let url: string;
beforeEach(async () => {
  asked = 0;
  closedEarly = 0;
  server = createServer((request, response) => {
    asked += 1;
    response.on('close', () => {
      if (!response.writableFinished) closedEarly += 1;
    });
    request.resume().on('end', () => act(response, request));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const scores: Act = (response) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(
    JSON.stringify({
      results: [
        { index: 1, relevance_score: 0.9 },
        { index: 0, relevance_score: 0.1 },
      ],
    }),
  );
const fails =
  (status: number, headers = {}): Act =>
  (response) =>
    response.writeHead(status, headers).end('{}');
const hangs: Act = () => {};
const trickles: Act = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const drip = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(drip));
};

/** What many a client does: the wait ends at the deadline, the request goes on. */
const naive = (): Reranker =>
  createReranker({
    id: 'naive',
    scale: 'similarity',
    async score(_query, texts) {
      const response = await fetch(url, { method: 'POST', body: '{}' });
      await response.text();
      return { values: texts.map(() => 0.5), usage: {} };
    },
  });
const hosted = (now?: () => number): Reranker =>
  cohereReranker({ model: 'rerank', key: 'key', url, timeoutMs: 5_000, ...(now && { now }) } as Parameters<typeof cohereReranker>[0]);

async function searching(reranker: Reranker, budgetMs = 500) {
  const presets = new Map([['balanced', { reranker, budgetMs }]]);
  // Each search is to ask the reranker.
  const { post } = testClient({ services: { presets }, config: { searchCacheBytes: 0 } });
  await post('/v1/documents', {
    documents: [
      { id: 'a', text: 'Aspen is cold.' },
      { id: 'b', text: 'Aspen has snow.' },
    ],
  });
  return async () => {
    const response = await post('/v1/search', { query: 'Aspen' });
    const { rerank, results } = response.json;
    return { http: response.status, status: rerank.status, reason: rerank.reason, found: results.length };
  };
}

describe.each([
  ['F11: hangs before the headers', hangs],
  ['F12: trickles', trickles],
])('%s', (_, behaviour) => {
  it('is left at the budget, and its socket is closed', async () => {
    act = scores;
    const search = await searching(hosted());
    await search(); // the first one connects, and may be late for that alone
    act = behaviour;
    expect(await search()).toEqual({ http: 200, status: 'degraded', reason: 'deadline', found: 2 });
    await vi.waitFor(() => expect(closedEarly).toBe(1), { timeout: 20_000 });
  });

  it('has teeth: a client that only stops waiting is found out', async () => {
    act = scores;
    const search = await searching(naive());
    await search();
    closedEarly = 0;
    act = behaviour;
    expect((await search()).reason).toBe('deadline');
    await sleep(300);
    expect(closedEarly).toBe(0);
  });
});

describe('F13: asks for patience', () => {
  it.each([
    ['0', 2, 'applied'],
    ['garbage', 2, 'applied'],
    ['-5', 2, 'applied'],
    ['120', 1, 'rate_limited'],
    ['1000000000', 1, 'rate_limited'],
    [new Date(Date.now() + 3_600_000).toUTCString(), 1, 'rate_limited'],
    [new Date(Date.now() - 3_600_000).toUTCString(), 2, 'applied'],
  ])('with Retry-After: %s it is asked %i times: %s', async (wait, times, outcome) => {
    act = (response, request) => (asked === 1 ? fails(429, { 'retry-after': wait }) : scores)(response, request);
    let now = 0;
    const search = await searching(
      hosted(() => now),
      3_000,
    );
    const { http, status, reason } = await search();
    expect([http, asked, reason ?? status]).toEqual([200, times, outcome]);
    if (outcome === 'applied') return;
    // Nothing is sent while it asked for patience, a minute at most.
    act = scores;
    expect((await search()).reason).toBe('circuit_open');
    now += 59_000;
    expect((await search()).reason).toBe('circuit_open');
    expect(asked).toBe(1);
    now += 2_000;
    expect((await search()).status).toBe('applied');
  });
});

describe('F14: fails now and then, then for good, then recovers', () => {
  it('is asked at most a tenth more often, left alone while it is down, and found again by one call', async () => {
    let seed = 14;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31;
    };
    let now = 0;
    const search = await searching(
      hosted(() => now),
      3_000,
    );
    act = (response, request) => (random() < 0.3 ? fails(500) : scores)(response, request);
    const outcomes = [];
    for (let i = 0; i < 60; i++) outcomes.push(await search());
    expect(outcomes.every(({ http, found }) => http === 200 && found === 2)).toBe(true);
    expect(outcomes.filter(({ status }) => status === 'applied').length).toBeGreaterThan(20);
    expect(asked).toBeLessThanOrEqual(1.1 * 60 + 1);

    now += 60_000;
    act = fails(500);
    for (let i = 0; i < 30; i++) await search();
    const whileDown = asked;
    for (let i = 0; i < 30; i++) expect((await search()).reason).toBe('circuit_open');
    expect(asked).toBe(whileDown);

    act = scores;
    now += 11_000;
    expect((await search()).status).toBe('applied');
    expect(asked).toBe(whileDown + 1);
  });
});
