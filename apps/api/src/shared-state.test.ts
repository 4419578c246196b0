import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReranker } from '@resift/core';
import { cached } from '@resift/reranker/cached';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createApp } from './app.ts';
import { type Config, readConfig } from './config.ts';
import { ordersOf } from './lift-log.ts';
import type { SharedRedis } from './redis/shared-redis.ts';
import { openSharedState, type SharedState } from './shared-state.ts';
import { fakeServices } from './testing/fake-services.ts';
import { freePort, type RedisServer, startRedis } from './testing/redis-server.ts';

let server: RedisServer;
let folder: string;
const open: SharedState[] = [];
beforeAll(async () => {
  server = await startRedis();
  folder = await mkdtemp(join(tmpdir(), 'resift-state-'));
});
afterEach(async () => {
  for (const state of open.splice(0)) await state.close();
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const configOf = (change: Partial<Config> = {}, name = 'data'): Config => ({
  ...readConfig({ RESIFT_API_KEYS: 'a:key-a,b:key-b', RESIFT_DATA_DIR: join(folder, name), REDIS_URL: server.url }, {}),
  ...change,
});
async function replica(config: Config = configOf()): Promise<SharedState> {
  const state = await openSharedState(config);
  open.push(state);
  return state;
}
const FEW = { requests: 10, pairs: 10, tokens: 10, ingestBytes: 10 };

it('limits a tenant over all replicas, and no other tenant', async () => {
  const config = configOf({ rates: FEW }, 'rates');
  const replicas = [await replica(config), await replica(config)];
  const asked = await Promise.allSettled(Array.from({ length: 24 }, (_, i) => replicas[i % 2]!.rates.take('a', 'requests', 1)));
  expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  const refused = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  for (const reason of refused) expect(reason).toMatchObject({ code: 'rate_limited', details: { limit: 'requests', perMinute: 10 } });
  expect(refused[0].details.retryAfterMs).toBeGreaterThan(0);
  expect(refused[0].details.retryAfterMs).toBeLessThanOrEqual(6_000);
  await replicas[0]!.rates.take('b', 'requests', 10);
  await replicas[0]!.rates.take('a', 'pairs', 10);

  replicas[0]!.rates.charge('a', 'tokens', 25);
  await vi.waitFor(() => expect(replicas[1]!.rates.take('a', 'tokens', 1)).rejects.toMatchObject({ code: 'rate_limited' }));
});

it('limits each replica by itself while Redis is lost', async () => {
  const { redisRates } = await import('./redis/redis-rates.ts');
  const lost = { attempt: async () => undefined } as unknown as SharedRedis;
  const rates = redisRates(lost, '', FEW);
  for (let i = 0; i < 10; i++) await rates.take('a', 'requests', 1);
  await expect(rates.take('a', 'requests', 1)).rejects.toMatchObject({ code: 'rate_limited' });
});

it('tells of lift over all replicas, in the numbers of one', async () => {
  const config = configOf({}, 'lift');
  const [one, other] = [await replica(config), await replica(config)];
  const own = await openSharedState(readConfig({}, {}));
  const passages = [
    { id: 'a', firstStage: { rank: 3 } },
    { id: 'b', firstStage: { rank: 1 } },
  ];
  for (const [i, log] of [one, other, one].entries()) {
    for (const { lift } of [log, own]) lift.record('a', [`r${i}`, `chat${i}`], ordersOf(passages));
    await vi.waitFor(async () => expect((await one.lift.report('a')).queries).toBe(i + 1));
  }
  expect(await other.lift.feedback('a', 'chat0', 'a', 'grade', 3)).toBe('taken');
  expect(await one.lift.feedback('a', 'chat1', 'a', 'click')).toBe('taken');
  await own.lift.feedback('a', 'chat1', 'a', 'click');
  await own.lift.feedback('a', 'r0', 'a', 'grade', 3);
  expect(await other.lift.report('a')).toEqual(await own.lift.report('a'));
  expect(await one.lift.feedback('b', 'chat0', 'a', 'up')).toBe('unknown request');
  expect(await one.lift.feedback('a', 'r0', 'nobody', 'up')).toBe('unknown result');
});

it('settles the oldest requests as one process would, whichever replica they came to', async () => {
  const { openSharedRedis } = await import('./redis/shared-redis.ts');
  const { redisLift } = await import('./redis/redis-lift.ts');
  const { createLiftLog } = await import('./lift-log.ts');
  const redis = await openSharedRedis(server.url);
  try {
    const shared = [redisLift(redis, 'settle:', 2), redisLift(redis, 'settle:', 2)];
    const own = createLiftLog(2);
    const orders = { firstStage: ['b', 'a'], reranked: ['a', 'b'] };
    for (const [i, id] of ['1', '2', '3', '4'].entries()) {
      for (const log of [shared[i % 2]!, own]) log.record('t', [id], orders);
      await vi.waitFor(async () => expect((await shared[0]!.report('t')).queries).toBe(i + 1));
      await vi.waitFor(async () => expect(await redis.client.llen('settle:lift:t:order')).toBe(Math.min(2, i + 1)));
      for (const log of [shared[1]!, own]) await log.feedback('t', id, 'a', 'up');
    }
    expect(await shared[0]!.feedback('t', '1', 'a', 'up')).toBe('unknown request');
    expect(await shared[0]!.report('t')).toEqual(await own.report('t'));
    expect(await redis.client.hlen('settle:lift:t:entries')).toBe(2);
  } finally {
    await redis.close();
  }
});

it('keeps scores for all replicas, never for another tenant, and believes nothing that is no score', async () => {
  const config = configOf({}, 'scores');
  const [one, other] = [await replica(config), await replica(config)];
  let scored = 0;
  const reranker = createReranker({
    id: 'lengths',
    scale: 'probability',
    score: async (_query, texts) => {
      scored += texts.length;
      return { values: texts.map((text) => text.length / 100) };
    },
  });
  const over = (state: SharedState, tenant: string) => cached(reranker, { store: state.scores, tenant, identity: ['1'] });
  const documents = ['x', 'xx', 'xxx'].map((text, i) => ({ id: String(i), text }));
  const first = await over(one, 'a').rerank('q', documents);
  const second = await over(other, 'a').rerank('q', documents);
  expect([scored, second.status.cacheHits]).toEqual([3, 3]);
  expect(second.items).toEqual(first.items);
  await over(one, 'b').rerank('q', documents);
  expect(scored).toBe(6);

  const { Redis } = await import('ioredis');
  const client = new Redis(server.url);
  const keys = await client.keys('*:score:*');
  expect(keys).toHaveLength(6);
  await client.set(keys[0]!, '{"score":1e400}');
  await client.set(keys[1]!, '{"score":"NaN"');
  for (const key of keys.slice(2)) await client.del(key).then(() => client.lpush(key, 'of another type'));
  client.disconnect();
  expect((await over(one, 'a').rerank('q', documents)).items).toEqual(first.items);
});

it.each([
  ['nothing listens', async () => `redis://:secret@127.0.0.1:${await freePort()}`, 'ECONNREFUSED'],
  ['the password is wrong', async () => server.url.replace('//', '//nobody:secret@'), 'WRONGPASS'],
])('does not start where %s, and says so without the password', async (_, url, reason) => {
  const redisUrl = await url();
  const error = await openSharedState(configOf({ redisUrl })).then(
    () => undefined,
    (error: Error) => error,
  );
  expect(error).toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/^REDIS_URL: expected a Redis server at 127\.0\.0\.1:\d+/),
  });
  expect(error!.message).toContain(reason);
  expect(error!.message).not.toContain('secret');
});

it('goes on without a Redis that is lost, visibly, and with it when it is back', async () => {
  const config = configOf({}, 'loss');
  const state = await replica(config);
  const app = createApp(fakeServices(), config, undefined, state);
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await app.fetch(
      new Request(`http://localhost${path}`, {
        method,
        headers: { authorization: 'Bearer key-a', 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: text.startsWith('{') ? JSON.parse(text) : undefined };
  };
  const ingest = { documents: [{ id: 'd', text: 'Aspen is a ski town.' }] };
  const search = () => call('POST', '/v1/search', { query: 'ski town' });
  try {
    expect((await call('POST', '/v1/documents', ingest)).status).toBe(200);
    const healthy = await search();
    expect((await call('GET', '/readyz')).json).toMatchObject({ ready: true, parts: { redis: { status: 'ready' } } });

    // First one that is only stopped: connections stay, and nothing answers. Then none at all.
    for (const lose of [() => server.child.kill('SIGSTOP'), () => server.kill()]) {
      await lose();
      for (let i = 0; i < 5; i++) {
        const degraded = await search();
        expect(degraded.status).toBe(200);
        expect(degraded.json.results).toEqual(healthy.json.results);
      }
      expect((await call('POST', '/v1/documents', ingest)).status).toBe(200);
      expect((await call('GET', '/readyz')).json).toMatchObject({
        ready: true,
        parts: { redis: { status: 'degraded', reason: 'unreachable' } },
      });
      const metrics = (await call('GET', '/metrics')).text;
      expect(metrics).toContain('redis_down 1');
      expect(metrics).not.toContain('redis_failures 0');
      // What is nothing without Redis says so.
      for (const [method, path, body] of [
        ['POST', '/v1/documents?wait=false', ingest],
        ['GET', '/v1/lift'],
        ['GET', '/v1/jobs'],
      ] as const) {
        const refused = await call(method, path, body);
        expect([path, refused.status, refused.json.error.code, refused.headers.get('retry-after')]).toEqual([
          path,
          503,
          'unavailable',
          '1',
        ]);
      }
    }

    await server.start();
    await vi.waitFor(async () => expect((await call('GET', '/readyz')).json.parts.redis).toEqual({ status: 'ready' }), {
      timeout: 10_000,
      interval: 100,
    });
    const { status, json } = await call('POST', '/v1/documents?wait=false', ingest);
    expect(status).toBe(202);
    await vi.waitFor(async () => expect((await call('GET', `/v1/jobs/${json.job}`)).json.status).toBe('done'), { timeout: 10_000 });
    expect((await call('GET', '/metrics')).text).toContain('redis_down 0');
  } finally {
    await app.close();
  }
});

it('keeps apart servers with stores of their own, and knows its store again after a restart', async () => {
  const { storeIdentity } = await import('./redis/store-identity.ts');
  const [one, again, other] = [
    await storeIdentity(configOf({}, 'one')),
    await storeIdentity(configOf({}, 'one')),
    await storeIdentity(configOf({}, 'other')),
  ];
  expect([one === again, one === other]).toEqual([true, false]);
  const url = (password: string, database: string) => storeIdentity({ dataDir: '', storeUrl: `postgres://u:${password}@db/${database}` });
  expect(await url('a', 'x')).toBe(await url('b', 'x'));
  expect(await url('a', 'x')).not.toBe(await url('a', 'y'));
});
