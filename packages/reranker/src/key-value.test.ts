import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisKeyValue } from './key-value.ts';

const installed = spawnSync('redis-server', ['--version']).status === 0;

describe.skipIf(!installed)('a real Redis (skipped where redis-server is not installed: scripts/ci-machine installs it)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'resift-redis-'));
  const socket = join(folder, 'redis.sock');
  let server: ChildProcess;
  let client: Redis;

  beforeAll(async () => {
    server = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', folder], { stdio: 'ignore' });
    client = new Redis(socket, { retryStrategy: () => 50, maxRetriesPerRequest: null });
    client.on('error', () => {}); // until the server is up
    await client.ping();
  });
  afterAll(async () => {
    client.disconnect();
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill();
    await gone;
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps values under a prefix, for as long as asked', async () => {
    const store = redisKeyValue(client, 'p:');
    await store.setMany(
      [
        ['a', '{"score":1}'],
        ['b', '{"score":2}'],
      ],
      60_000,
    );
    expect(await store.getMany(['b', 'none', 'a'])).toEqual(['{"score":2}', undefined, '{"score":1}']);
    expect(await client.keys('*')).toHaveLength(2);
    const left = await client.pttl('p:a');
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(60_000);
  });

  it('hears of a write that was refused', async () => {
    await client.config('SET', 'maxmemory', '1');
    await expect(redisKeyValue(client).setMany([['a', 'x']], 1000)).rejects.toThrow(/OOM|EXECABORT/);
    await client.config('SET', 'maxmemory', '0');
  });
});
