import { randomUUID } from 'node:crypto';
import { ResiftError } from '@resift/core';
import PQueue from 'p-queue';

export interface Job<Result> {
  readonly id: string;
  readonly status: 'queued' | 'running' | 'done' | 'failed';
  readonly total: number;
  readonly done: number;
  readonly createdAt: string;
  readonly finishedAt?: string;
  readonly result?: Result;
  readonly error?: unknown;
}

/** Work that outlives its request. It lives in this process: a restart forgets it, and what was not done must be sent again. */
export interface Jobs<Result> {
  add(tenant: string, total: number, work: (onProgress: (done: number) => void, signal: AbortSignal) => Promise<Result>): Job<Result>;
  /** `undefined` for another tenant's job, too. */
  get(tenant: string, id: string): Job<Result> | undefined;
  /** Aborts what runs, drops what waits, and resolves when all is quiet. */
  close(): Promise<void>;
}

const MOST_WAITING = 64;
const MOST_KEPT = 1_000;

export function createJobs<Result>(): Jobs<Result> {
  const kept = new Map<string, { tenant: string; job: Job<Result> }>();
  const queue = new PQueue({ concurrency: 1 });
  const stopped = new AbortController();

  function change(id: string, next: Partial<Job<Result>>) {
    const entry = kept.get(id);
    if (entry) entry.job = { ...entry.job, ...next };
  }

  function forgetOldest() {
    for (const [id, { job }] of kept) {
      if (kept.size <= MOST_KEPT) return;
      if (job.status === 'done' || job.status === 'failed') kept.delete(id);
    }
  }

  return {
    add(tenant, total, work) {
      if (queue.size >= MOST_WAITING) {
        throw new ResiftError('overloaded', `${MOST_WAITING} jobs wait already. Try again later, or send without wait=false.`, {
          details: { retryAfterMs: 10_000 },
        });
      }
      const id = `job-${randomUUID()}`;
      const job: Job<Result> = { id, status: 'queued', total, done: 0, createdAt: new Date().toISOString() };
      kept.set(id, { tenant, job });
      forgetOldest();
      queue
        .add(async () => {
          stopped.signal.throwIfAborted();
          change(id, { status: 'running' });
          const result = await work((done) => change(id, { done }), stopped.signal);
          change(id, { status: 'done', done: total, result, finishedAt: new Date().toISOString() });
        })
        .catch((error: unknown) => change(id, { status: 'failed', error, finishedAt: new Date().toISOString() }));
      return job;
    },
    get(tenant, id) {
      const entry = kept.get(id);
      return entry?.tenant === tenant ? entry.job : undefined;
    },
    async close() {
      stopped.abort(new ResiftError('unavailable', 'The server stopped before this job was done. Send it again.'));
      await queue.onIdle();
    },
  };
}
