import { setTimeout as wait } from 'node:timers/promises';
import { isResiftError } from '@resift/core';
import type { ObjectBucket } from '../stores/object-bucket.ts';
import { publishIndex } from './publish-index.ts';
import { manifestKey, publishedPrefix } from './published-parts.ts';

export interface PublisherOptions {
  readonly bucket: ObjectBucket;
  /** Rejects where this process is not the writer any more. */
  readonly mayPublish: () => Promise<void>;
  /** What the published index does not need is removed so long after that was first seen: readers may be fetching it. */
  readonly keepMs: number;
  /** The wait after a first failure; each is twice the one before, up to a minute. Default 1,000. */
  readonly pauseMs?: number | undefined;
}

/** Keeps the indexes of a bucket what they are in the folders of their writer. */
export interface Publisher {
  /** Publishes, in the background, what is in the folder now; tries again until it could. */
  publish(collection: string, directory: string): void;
  /** Removes what was published of a collection. */
  withdraw(collection: string): Promise<void>;
  /** Removes what was published of collections other than these. */
  keepOnly(collections: readonly string[]): Promise<void>;
  /** Resolves when nothing is going on in the background. */
  settled(): Promise<void>;
  /** Ends what is going on; the next publication goes on from there. */
  close(): Promise<void>;
}

interface Task {
  readonly stop: AbortController;
  /** There is something to publish. */
  due: boolean;
  done: Promise<void>;
}

const LONGEST_PAUSE_MS = 60_000;

export function createPublisher({ bucket, mayPublish, keepMs, pauseMs = 1_000 }: PublisherOptions): Publisher {
  const tasks = new Map<string, Task>();
  /** Keys that the published index of their collection does not need, with when that was first seen. */
  const unneeded = new Map<string, number>();

  function publish(collection: string, directory: string) {
    const running = tasks.get(collection);
    if (running) {
      running.due = true;
      return;
    }
    const task: Task = { stop: new AbortController(), due: true, done: Promise.resolve() };
    tasks.set(collection, task);
    task.done = work(collection, directory, task);
  }

  async function work(collection: string, directory: string, task: Task) {
    const { signal } = task.stop;
    let pause = pauseMs;
    while (task.due && !signal.aborted) {
      task.due = false;
      try {
        const left = await publishIndex({ bucket, collection, directory, mayPublish, signal });
        if (left) await removeOld(collection, left).catch(() => {}); // the next publication tries again
        pause = pauseMs;
      } catch (error) {
        if (isResiftError(error, 'corrupt')) continue; // it is made again, which is told of
        task.due = true;
        await wait(pause, undefined, { signal, ref: false }).catch(() => {});
        pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
      }
    }
    tasks.delete(collection);
  }

  async function removeOld(collection: string, left: readonly string[]) {
    const now = performance.now();
    const seen = new Set(left);
    for (const key of unneeded.keys()) if (key.startsWith(publishedPrefix(collection)) && !seen.has(key)) unneeded.delete(key);
    for (const key of left) {
      const since = unneeded.get(key) ?? now;
      unneeded.set(key, since);
      if (now - since >= keepMs) await bucket.delete(key);
    }
  }

  async function stop(collection: string) {
    const task = tasks.get(collection);
    task?.stop.abort();
    await task?.done;
  }

  async function withdraw(collection: string) {
    await stop(collection);
    // Without it, nobody looks for the others.
    await bucket.delete(manifestKey(collection));
    for (const key of (await bucket.list(publishedPrefix(collection))).keys()) await bucket.delete(key);
  }

  return {
    publish,
    withdraw,
    async keepOnly(collections) {
      const there = [...(await bucket.list(publishedPrefix('').slice(0, -1))).keys()].map((key) => key.split('/')[1]!);
      for (const collection of new Set(there)) if (!collections.includes(collection)) await withdraw(collection);
    },
    async settled() {
      while (tasks.size > 0) await Promise.all([...tasks.values()].map(({ done }) => done));
    },
    async close() {
      await Promise.all([...tasks.keys()].map(stop));
    },
  };
}
