import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isResiftError, ResiftError } from '@resift/core';
import PQueue from 'p-queue';
import { failureOf } from './errors.ts';
import type { Ingest } from './ingest-body.ts';
import { type Job, type JobSettings, type Jobs, MOST_KEPT, MOST_WAITING, type RunJob } from './jobs.ts';

interface Entry {
  readonly tenant: string;
  readonly controller: AbortController;
  job: Job;
}

/** Jobs of this process: a restart forgets them, and what was not done must be sent again. */
export function createJobs(run: RunJob, { attempts = 3, backoffMs = 1_000, onDead }: JobSettings = {}): Jobs {
  const kept = new Map<string, Entry>();
  const queue = new PQueue({ concurrency: 1 });

  const ended = ({ job }: Entry) => job.status === 'done' || job.status === 'failed' || job.status === 'cancelled';
  const change = (entry: Entry, next: Partial<Job>) => {
    entry.job = { ...entry.job, ...next };
  };
  const finish = (entry: Entry, next: Partial<Job>) => change(entry, { ...next, finishedAt: new Date().toISOString() });

  function forgetOldest() {
    for (const [id, entry] of kept) {
      if (kept.size <= MOST_KEPT) return;
      if (ended(entry)) kept.delete(id);
    }
  }

  async function work(entry: Entry, ingest: Ingest) {
    const { signal } = entry.controller;
    for (let attempt = 1; ; attempt++) {
      if (ended(entry)) return;
      try {
        signal.throwIfAborted();
        change(entry, { status: 'running', attempts: attempt });
        const result = await run(entry.tenant, ingest, { signal, onProgress: (done) => change(entry, { done }) });
        return finish(entry, { status: 'done', done: entry.job.total, result });
      } catch (error) {
        if (signal.aborted && signal.reason === CANCELLED) return finish(entry, { status: 'cancelled' });
        const { code, message } = failureOf(error);
        if (signal.aborted || attempt >= attempts || !isResiftError(error) || !error.retryable) {
          onDead?.(code);
          return finish(entry, { status: 'failed', error: { code, message } });
        }
        change(entry, { status: 'queued', error: { code, message } });
        await sleep(backoffMs * 2 ** (attempt - 1), undefined, { signal }).catch(() => {});
      }
    }
  }

  const of = (tenant: string, id: string) => {
    const entry = kept.get(id);
    return entry?.tenant === tenant ? entry : undefined;
  };

  return {
    async add(tenant, ingest) {
      if (queue.size >= MOST_WAITING) throw tooManyJobs();
      const id = `job-${randomUUID()}`;
      const { collection, documents } = ingest;
      const job: Job = {
        id,
        status: 'queued',
        collection,
        total: documents.length,
        done: 0,
        attempts: 0,
        createdAt: new Date().toISOString(),
      };
      const entry: Entry = { tenant, controller: new AbortController(), job };
      kept.set(id, entry);
      forgetOldest();
      void queue.add(() => work(entry, ingest));
      return job;
    },
    async get(tenant, id) {
      return of(tenant, id)?.job;
    },
    async list(tenant, { status, limit = 100 } = {}) {
      const mine = [...kept.values()].filter((entry) => entry.tenant === tenant && (status === undefined || entry.job.status === status));
      return mine
        .map(({ job }) => job)
        .reverse()
        .slice(0, limit);
    },
    async cancel(tenant, id) {
      const entry = of(tenant, id);
      if (!entry) return undefined;
      if (entry.job.status === 'queued') finish(entry, { status: 'cancelled' });
      entry.controller.abort(CANCELLED);
      return entry.job;
    },
    async close() {
      const reason = new ResiftError('unavailable', 'The server stopped before this job was done. Send it again.');
      for (const { controller } of kept.values()) controller.abort(reason);
      await queue.onIdle();
    },
  };
}

const CANCELLED = new DOMException('The job was cancelled.', 'AbortError');

export function tooManyJobs(): ResiftError {
  return new ResiftError('overloaded', `${MOST_WAITING} jobs wait already. Try again later, or send without wait=false.`, {
    details: { retryAfterMs: 10_000 },
  });
}
