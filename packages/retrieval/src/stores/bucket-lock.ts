import { setTimeout as wait } from 'node:timers/promises';
import { ResiftError } from '@resift/core';
import type { DirectoryLock } from './lock.ts';
import { type Holder, lives, readHolder, thisProcess } from './lock-holder.ts';
import type { ObjectBucket } from './object-bucket.ts';

export interface BucketLockOptions {
  /** A holder that does not renew its lock for so long is dead. Default 30 s. */
  readonly leaseMs?: number | undefined;
  /** For tests: another process. */
  readonly me?: Holder | undefined;
}

const KEY = 'resift.lock';

/**
 * Lets one process write under a prefix. The holder writes its lock anew six times in a lease. Whoever wants it takes over at once where the holder was on this machine and is dead, and
 * otherwise only after the lock has not changed for a whole lease, by its own clock: clocks are never compared. The holder stops writing when it could not renew for half a lease.
 * Rejects with `conflict` where the holder lives, with `invalid_config` where the server takes no notice of `If-None-Match`.
 */
export async function lockBucket(
  bucket: ObjectBucket,
  where: string,
  { leaseMs = 30_000, me = thisProcess() }: BucketLockOptions = {},
): Promise<DirectoryLock> {
  const everyMs = leaseMs / 6;
  let beat = 0;
  const mine = () => JSON.stringify({ ...me, beat: beat++ });

  async function claim(): Promise<string> {
    for (let round = 0; round < 20; round++) {
      const fresh = await bucket.put(KEY, mine(), undefined);
      if (fresh !== undefined) {
        if ((await bucket.put(KEY, mine(), undefined)) === undefined) return fresh;
        await bucket.delete(KEY);
        throw new ResiftError(
          'invalid_config',
          `The object store of ${where} overwrites objects that it was asked only to create (If-None-Match): two writers could not be kept apart. Use a server that honours conditional writes.`,
        );
      }
      const taken = await takeOver();
      if (taken !== undefined) return taken;
    }
    throw new ResiftError(
      'conflict',
      `Could not lock ${where}: expected ${KEY} to settle, but other processes keep changing it. Try again.`,
    );
  }

  /** The tag of our lock over that of a dead holder; undefined where it was released or somebody was faster. */
  async function takeOver(): Promise<string | undefined> {
    const seen = await bucket.get(KEY);
    if (!seen) return undefined;
    const holder = readHolder(seen.text);
    if (!holder) {
      throw new ResiftError('corrupt', `${where}/${KEY} is not a lock of resift. If nobody uses this place, remove the object.`);
    }
    const alive = lives(holder);
    if (alive === true) throw conflict(where, holder);
    for (let waited = 0; alive === undefined && waited < leaseMs + everyMs; waited += everyMs) {
      await wait(everyMs);
      const now = await bucket.get(KEY);
      if (!now) return undefined;
      if (now.tag !== seen.tag) throw conflict(where, holder);
    }
    return bucket.put(KEY, mine(), seen.tag);
  }

  let tag = await claim();
  let renewedAt = performance.now();
  let lost = false;
  let renewing: Promise<void> | undefined;

  async function again(): Promise<string | undefined> {
    const now = await bucket.get(KEY);
    return now && readHolder(now.text)?.token === me.token ? bucket.put(KEY, mine(), now.tag) : undefined;
  }

  function renew(): Promise<void> {
    renewing ??= (async () => {
      const began = performance.now();
      // An answer that got lost may have been a yes: then the lock is ours under a tag that we do not know.
      const next = (await bucket.put(KEY, mine(), tag)) ?? (await again());
      lost = next === undefined;
      if (next === undefined) return;
      tag = next;
      renewedAt = began;
    })().finally(() => {
      renewing = undefined;
    });
    return renewing;
  }
  const timer = setInterval(() => renew().catch(() => {}), everyMs);
  timer.unref();

  return {
    async check() {
      if (!lost && performance.now() - renewedAt > leaseMs / 2) await renew();
      if (!lost && performance.now() - renewedAt <= leaseMs / 2) return;
      throw new ResiftError(
        'conflict',
        `The lock of ${where} is no longer ours: it was not renewed in time, or somebody took it over. Restart this process.`,
        {
          details: { place: where },
        },
      );
    },
    async release() {
      clearInterval(timer);
      await renewing?.catch(() => {});
      const now = await bucket.get(KEY);
      if (now && readHolder(now.text)?.token === me.token) await bucket.delete(KEY);
    },
  };
}

function conflict(where: string, { pid, host }: Holder): ResiftError {
  return new ResiftError(
    'conflict',
    `${where} is in use by process ${pid} on ${host}: one process at a time may write to a store. Stop it, or start this one as a reader.`,
    {
      details: { place: where, pid, host },
    },
  );
}
