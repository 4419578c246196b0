import { randomUUID } from 'node:crypto';
import { isResiftError, ResiftError } from '@resift/core';
import { type Job as BullJob, Queue, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { failureOf } from '../errors.ts';
import { type Job, type JobSettings, type Jobs, MOST_KEPT, MOST_WAITING, type RunJob } from '../jobs.ts';
import { tooManyJobs } from '../own-jobs.ts';
import { packIngest, unpackIngest } from './job-payload.ts';
import { type JobRecords, jobRecords } from './job-records.ts';
import type { SharedRedis } from './shared-redis.ts';

interface Ticket {
  readonly tenant: string;
}

export interface RedisJobSettings extends JobSettings {
  /** A job whose process was killed is begun again by another one after about so long. Default 30,000. */
  readonly lockMs?: number | undefined;
  /** Default true: this process also works on jobs. False: it only takes them on, and other replicas do the work. */
  readonly worker?: boolean | undefined;
}

/** Putting a large body into Redis takes its time; a request may wait for it. */
const ADD_MS = 10_000;
/** A job that takes its process with it is not begun for ever. */
const MOST_DEATHS = 3;
const CANCEL_POLL_MS = 250;

/**
 * Jobs that survive a restart, in BullMQ, for all replicas of one store. Every replica also works on them, one at a time. A job may run
 * twice after a crash: documents are replaced as a whole, so nothing is there twice.
 */
export function redisJobs(redis: SharedRedis, prefix: string, run: RunJob, settings: RedisJobSettings = {}): Jobs {
  const { attempts = 3, backoffMs = 1_000, lockMs = 30_000, worker: works = true, onDead } = settings;
  const records = jobRecords(redis, prefix, MOST_KEPT);
  const names = { prefix: `${prefix}queue` };
  const queue = new Queue<Ticket>('ingest', { connection: redis.client, ...names, skipWaitingForReady: true });
  // A worker waits in Redis for the next job, on connections of its own that come back by themselves.
  const connection = new Redis(redis.url, { maxRetriesPerRequest: null, retryStrategy: (times) => Math.min(100 * times, 1_000) });
  const stopping = new AbortController();

  const worker = new Worker<Ticket>('ingest', (job, token) => work(job, token), {
    connection,
    ...names,
    autorun: works,
    concurrency: 1,
    lockDuration: lockMs,
    stalledInterval: lockMs,
    maxStalledCount: MOST_DEATHS,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: MOST_KEPT },
  });
  worker.on('failed', (job, error) => {
    // Only what BullMQ itself gives up ends here: `work` has told of everything else already.
    if (job?.id === undefined || !/stalled/.test(error.message)) return;
    const message = `The server stopped ${MOST_DEATHS} times while it worked on this job.`;
    void records.finish(job.data.tenant, job.id, { status: 'failed', error: { code: 'unavailable', message } }).catch(() => {});
    onDead?.('unavailable');
  });
  // Without listeners a lost connection would end the process; what it means shows in `redis.up`.
  queue.on('error', () => {});
  worker.on('error', () => {});
  connection.on('error', () => {});

  async function work(job: BullJob<Ticket>, token: string | undefined): Promise<void> {
    const { tenant } = job.data;
    const id = job.id!;
    const known = await records.get(tenant, id);
    if (!known || known.status === 'cancelled') return;
    const attempt = job.attemptsMade + 1;
    const controller = new AbortController();
    const stop = () => controller.abort(STOPPED);
    stopping.signal.addEventListener('abort', stop, { once: true });
    const watch = watchCancel(records, tenant, id, controller);
    try {
      const ingest = unpackIngest(await records.payload(id));
      await records.change(tenant, id, { status: 'running', attempts: attempt });
      let told = Promise.resolve();
      const onProgress = (done: number) => {
        // What is lost here is told with the next step.
        told = told.then(() => records.change(tenant, id, { done })).catch(() => {});
      };
      const result = await run(tenant, ingest, { signal: controller.signal, onProgress });
      await told;
      await records.finish(tenant, id, { status: 'done', done: known.total, result });
    } catch (error) {
      if (controller.signal.reason === STOPPED) {
        await records.change(tenant, id, { status: 'queued' }).catch(() => {});
        await job.moveToWait(token);
        throw new WaitingError();
      }
      if (controller.signal.reason === CANCELLED) return await records.finish(tenant, id, { status: 'cancelled' });
      // Redis itself holds no document's text but the payload: BullMQ is told the code alone.
      const { code, message } = failureOf(error);
      if (attempt >= attempts || !isResiftError(error) || !error.retryable) {
        await records.finish(tenant, id, { status: 'failed', error: { code, message } });
        onDead?.(code);
        throw new UnrecoverableError(code);
      }
      await records.change(tenant, id, { status: 'queued', error: { code, message } });
      throw new Error(code);
    } finally {
      clearInterval(watch);
      stopping.signal.removeEventListener('abort', stop);
    }
  }

  return {
    async add(tenant, ingest) {
      const waiting = await redis.ask(() => queue.getJobCountByTypes('waiting', 'delayed'), ADD_MS);
      if (waiting >= MOST_WAITING) throw tooManyJobs();
      const job: Job = {
        id: `job-${randomUUID()}`,
        status: 'queued',
        collection: ingest.collection,
        total: ingest.documents.length,
        done: 0,
        attempts: 0,
        createdAt: new Date().toISOString(),
      };
      const payload = await packIngest(ingest);
      await redis.ask(async () => {
        await records.create(tenant, job, payload);
        await queue.add('ingest', { tenant }, { jobId: job.id, attempts, backoff: { type: 'exponential', delay: backoffMs } });
      }, ADD_MS);
      return job;
    },
    get: (tenant, id) => records.get(tenant, id),
    list: (tenant, options) => records.list(tenant, options),
    async cancel(tenant, id) {
      const known = await records.cancel(tenant, id);
      // The ticket of one that waits goes, too; a running one is locked, and its worker looks for the mark.
      if (known?.status === 'cancelled') await redis.attempt(async () => queue.remove(id), ADD_MS);
      return known;
    },
    async close() {
      stopping.abort();
      await worker.close();
      await queue.close();
      connection.disconnect();
    },
  };
}

const CANCELLED = new DOMException('The job was cancelled.', 'AbortError');
const STOPPED = new ResiftError('unavailable', 'The server is stopping: the job goes on at the next start.');

function watchCancel(records: JobRecords, tenant: string, id: string, controller: AbortController): NodeJS.Timeout {
  const timer = setInterval(() => {
    void records.isCancelled(tenant, id).then(
      (cancelled) => cancelled && controller.abort(CANCELLED),
      () => {},
    );
  }, CANCEL_POLL_MS);
  timer.unref();
  return timer;
}
