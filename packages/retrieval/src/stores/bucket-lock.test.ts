import { describe, expect, it } from 'vitest';
import { memoryBucket } from '../../fixtures/memory-bucket.ts';
import { lockBucket } from './bucket-lock.ts';
import { thisProcess } from './lock-holder.ts';

const elsewhere = (token: string) => ({ pid: 7, started: 'x', host: 'another-machine', token });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const leaseMs = 120;

describe('the lock of a bucket', () => {
  it('is one process’s at a time, and free after its release', async () => {
    const bucket = memoryBucket();
    const lock = await lockBucket(bucket, 's3://b', { leaseMs });
    await expect(lockBucket(bucket, 's3://b', { leaseMs })).rejects.toMatchObject({ code: 'conflict', details: { pid: process.pid } });
    await lock.check();
    await lock.release();
    await (await lockBucket(bucket, 's3://b', { leaseMs })).release();
    expect(bucket.objects.size).toBe(0);
  });

  it('is not taken from a holder elsewhere that renews it, however long one waits', async () => {
    const bucket = memoryBucket();
    const holder = await lockBucket(bucket, 's3://b', { leaseMs, me: elsewhere('one') });
    await pause(2 * leaseMs);
    await expect(lockBucket(bucket, 's3://b', { leaseMs })).rejects.toMatchObject({
      code: 'conflict',
      details: { host: 'another-machine' },
    });
    await holder.check();
    await holder.release();
  });

  it('is taken over from a holder elsewhere that stopped renewing it', async () => {
    const bucket = memoryBucket();
    bucket.objects.set('resift.lock', { text: JSON.stringify(elsewhere('dead')), tag: '"0"' });
    const heir = await lockBucket(bucket, 's3://b', { leaseMs });
    await heir.check();
    await heir.release();
  });

  it('that could not be renewed in time lets its holder write no more, and again once it could', async () => {
    const bucket = memoryBucket();
    const lock = await lockBucket(bucket, 's3://b', { leaseMs });
    bucket.down = true;
    await pause(leaseMs);
    await expect(lock.check()).rejects.toThrow('no answer');
    bucket.down = false;
    await lock.check();
    await lock.release();
  });

  it('is taken over at once from a process of this machine that is dead', async () => {
    const bucket = memoryBucket();
    bucket.objects.set('resift.lock', { text: JSON.stringify({ ...thisProcess(), pid: 2 ** 22 + 1 }), tag: '"0"' });
    const heir = await lockBucket(bucket, 's3://b', { leaseMs: 3_600_000 });
    await heir.release();
  });

  it('that was taken over lets its old holder write no more', async () => {
    const bucket = memoryBucket();
    const old = await lockBucket(bucket, 's3://b', { leaseMs });
    bucket.objects.set('resift.lock', { text: JSON.stringify(elsewhere('new')), tag: '"new"' });
    await pause(leaseMs);
    await expect(old.check()).rejects.toMatchObject({ code: 'conflict' });
    await old.release();
    expect(bucket.objects.get('resift.lock')?.tag).toBe('"new"');
  });

  it('is refused on a server that takes no notice of conditions, and of what is no lock', async () => {
    await expect(lockBucket(memoryBucket({ careless: true }), 's3://b')).rejects.toMatchObject({ code: 'invalid_config' });
    const bucket = memoryBucket();
    bucket.objects.set('resift.lock', { text: 'something', tag: '"0"' });
    await expect(lockBucket(bucket, 's3://b')).rejects.toMatchObject({ code: 'corrupt' });
  });
});
