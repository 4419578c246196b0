import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ResiftError } from '@resift/core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Ingest } from './ingest-body.ts';
import type { Job, JobSettings, Jobs, RunJob } from './jobs.ts';
import { createJobs } from './own-jobs.ts';
import { redisJobs } from './redis/redis-jobs.ts';
import { openSharedRedis, type SharedRedis } from './redis/shared-redis.ts';
import { type RedisServer, startRedis } from './testing/redis-server.ts';

const ingest = (...texts: string[]): Ingest => ({
  collection: 'c',
  documents: texts.map((text, i) => ({ id: `d${i}`, text })),
  bytes: 1,
  sanitized: new Map([['d0', { nul: 1 }]]),
});
const result = { collection: 'c', documents: [{ id: 'd0', chunks: 1, replaced: false }] };
const passing = () => new ResiftError('unavailable', 'The store is away.');

let server: RedisServer;
let redis: SharedRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

const open: Jobs[] = [];
const closing = (jobs: Jobs) => {
  open.push(jobs);
  return jobs;
};
afterEach(async () => {
  for (const jobs of open.splice(0)) await jobs.close();
  await redis?.close();
});

let prefixes = 0;
const own = async (run: RunJob, settings?: JobSettings) => closing(createJobs(run, settings));
const inRedis = async (run: RunJob, settings: JobSettings & { prefix?: string; lockMs?: number; worker?: boolean } = {}) => {
  redis = await openSharedRedis(server.url, { limitMs: 2_000 });
  return closing(redisJobs(redis, settings.prefix ?? `test${prefixes++}:`, run, settings));
};

const until = (jobs: Jobs, { id }: Job, status: Job['status']) =>
  vi.waitFor(
    async () => {
      const now = await jobs.get('t', id);
      expect(now?.status).toBe(status);
      return now!;
    },
    { timeout: 20_000, interval: 20 },
  );

describe.each([
  ['in this process', own],
  ['in Redis', inRedis],
] as const)('jobs %s', (_, openJobs) => {
  it('does the work with what came in, tells how far it is, and keeps the result', async () => {
    const seen: unknown[] = [];
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const jobs = await openJobs(async (tenant, given, { onProgress }) => {
      seen.push(tenant, given);
      onProgress(1);
      await gate;
      return result;
    });
    const job = await jobs.add('t', ingest('a', 'b'));
    expect(job).toMatchObject({ status: 'queued', collection: 'c', total: 2, done: 0 });
    await vi.waitFor(async () => expect(await jobs.get('t', job.id)).toMatchObject({ status: 'running', done: 1, attempts: 1 }), 10_000);
    go();
    expect(await until(jobs, job, 'done')).toMatchObject({ done: 2, result, finishedAt: expect.any(String) });
    expect(seen).toEqual(['t', ingest('a', 'b')]);
  });

  it('tries again what may pass, and in the end shows it among the dead letters', async () => {
    let calls = 0;
    const dead: string[] = [];
    const settings = { attempts: 3, backoffMs: 1, onDead: (code: string) => dead.push(code) };
    const jobs = await openJobs(async (_tenant, { documents }) => {
      calls += 1;
      if (documents[0]!.text === 'never' || calls < 3) throw passing();
      return result;
    }, settings);
    expect(await until(jobs, await jobs.add('t', ingest('third time')), 'done')).toMatchObject({ attempts: 3 });
    const failed = await until(jobs, await jobs.add('t', ingest('never')), 'failed');
    expect(failed).toMatchObject({ attempts: 3, error: { code: 'unavailable', message: 'The store is away.' } });
    expect(calls).toBe(6);
    expect(await jobs.list('t', { status: 'failed' })).toEqual([failed]);
    expect(dead).toEqual(['unavailable']);
  });

  it.each([
    ['what no attempt can help', new ResiftError('unusable_content', 'Nothing in there.'), 'unusable_content', 'Nothing in there.'],
    ['what nobody foresaw, without its words', new Error('the secret text'), 'internal', expect.not.stringContaining('secret')],
  ])('fails once with %s', async (_what, error, code, message) => {
    let calls = 0;
    const jobs = await openJobs(async () => {
      calls += 1;
      throw error;
    });
    expect(await until(jobs, await jobs.add('t', ingest('a')), 'failed')).toMatchObject({ error: { code, message }, attempts: 1 });
    expect(calls).toBe(1);
  });

  it('cancels one that runs and one that waits, which is then never begun', async () => {
    const begun: string[] = [];
    const jobs = await openJobs(async (_tenant, { documents }, { signal }) => {
      begun.push(documents[0]!.text);
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      return result;
    });
    const first = await jobs.add('t', ingest('first'));
    const second = await jobs.add('t', ingest('second'));
    await until(jobs, first, 'running');
    expect(await jobs.cancel('t', second.id)).toMatchObject({ status: 'cancelled' });
    await jobs.cancel('t', first.id);
    await until(jobs, first, 'cancelled');
    expect(begun).toEqual(['first']);
    expect((await jobs.list('t')).map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    const third = await jobs.add('t', ingest('third'));
    await until(jobs, third, 'running');
    expect(begun).toEqual(['first', 'third']);
  });

  it("shows a tenant nothing of another's", async () => {
    const jobs = await openJobs(async () => result);
    const job = await jobs.add('t', ingest('a'));
    await until(jobs, job, 'done');
    expect(await jobs.get('other', job.id)).toBeUndefined();
    expect(await jobs.cancel('other', job.id)).toBeUndefined();
    expect(await jobs.list('other')).toEqual([]);
    expect(await jobs.list('t')).toHaveLength(1);
  });
});

it('goes on after a restart: what ran is begun again, what waited is done', async () => {
  const prefix = 'restart:';
  const begun: string[] = [];
  const hang: RunJob = async (_tenant, { documents }, { signal }) => {
    begun.push(documents[0]!.text);
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    return result;
  };
  const before = await inRedis(hang, { prefix });
  const [running, waiting] = [await before.add('t', ingest('running')), await before.add('t', ingest('waiting'))];
  await until(before, running, 'running');
  await before.close();
  open.pop();
  await redis.close();

  // Redis, too, was killed in between: what it acknowledged is on disk.
  await server.kill();
  await server.start();
  const done: string[] = [];
  const after = await inRedis(
    async (_tenant, { documents }) => {
      done.push(documents[0]!.text);
      return result;
    },
    { prefix },
  );
  await until(after, running, 'done');
  await until(after, waiting, 'done');
  expect([begun, done.toSorted()]).toEqual([['running'], ['running', 'waiting']]);
});

it('takes over a job whose process was killed', async () => {
  const prefix = 'killed:';
  const script = fileURLToPath(new URL('./testing/hanging-worker.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@resift/source', '--import', 'tsx', script, server.url, prefix], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const jobs = await inRedis(async () => result, { prefix, lockMs: 1_000, worker: false });
    const job = await jobs.add('t', ingest('a'));
    await once(child.stdout, 'data');
    await until(jobs, job, 'running');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const heir = closing(redisJobs(redis, prefix, async () => result, { lockMs: 1_000 }));
    expect(await until(heir, job, 'done')).toMatchObject({ result });
  } finally {
    child.kill('SIGKILL');
  }
});

it('keeps no text of a document in Redis once its job has ended', async () => {
  const jobs = await inRedis(async (_tenant, { documents }) => {
    if (documents[0]!.text.startsWith('bad')) throw new Error(documents[0]!.text);
    return result;
  });
  await until(jobs, await jobs.add('t', ingest('good CANARY')), 'done');
  await until(jobs, await jobs.add('t', ingest('bad CANARY')), 'failed');
  const keys = await redis.client.keys(`test${prefixes - 1}:*`);
  expect(keys).not.toEqual([]);
  expect(keys.filter((key) => key.includes('payload'))).toEqual([]);
  const dump = await Promise.all(keys.map(async (key) => (await redis.client.dumpBuffer(key))?.toString('latin1') ?? ''));
  expect(dump.filter((value) => value.includes('CANARY'))).toEqual([]);
});
