import { JOB_STATUSES, type Job, type JobStatus } from '../jobs.ts';
import type { SharedRedis } from './shared-redis.ts';

/** What is told of jobs, one hash each, beside BullMQ's queue: of the right tenant, without the documents. */
export interface JobRecords {
  create(tenant: string, job: Job, payload: Buffer): Promise<void>;
  get(tenant: string, id: string): Promise<Job | undefined>;
  list(tenant: string, options?: { readonly status?: JobStatus | undefined; readonly limit?: number | undefined }): Promise<Job[]>;
  change(tenant: string, id: string, next: Partial<Job>): Promise<void>;
  /** The documents go, the record stays for a week. */
  finish(tenant: string, id: string, next: Partial<Job>): Promise<void>;
  /** Ends a job that waits, marks one that runs, and gives back what it is now. */
  cancel(tenant: string, id: string): Promise<Job | undefined>;
  isCancelled(tenant: string, id: string): Promise<boolean>;
  payload(id: string): Promise<Buffer | undefined>;
}

const WEEK_MS = 7 * 86_400_000;
const CALL_MS = 2_000;
const PAYLOAD_MS = 10_000;

/** A job that waits is cancelled in one step, so that no worker begins it meanwhile. */
const CANCEL = `
local status = redis.call('HGET', KEYS[1], 'status')
if status == 'queued' then redis.call('HSET', KEYS[1], 'status', 'cancelled', 'finishedAt', ARGV[1]) redis.call('DEL', KEYS[2]) end
if status == 'running' or status == 'queued' then redis.call('HSET', KEYS[1], 'cancel', '1') end
return status`;

/** A record that was cancelled or forgotten meanwhile is not brought back to life by a late word of progress. */
const CHANGE = `
local status = redis.call('HGET', KEYS[1], 'status')
if not status or status == 'cancelled' then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV))
return 1`;

export function jobRecords(redis: SharedRedis, prefix: string, mostKept: number): JobRecords {
  const recordOf = (tenant: string, id: string) => `${prefix}job:${tenant}:${id}`;
  const payloadOf = (id: string) => `${prefix}payload:${id}`;
  const listOf = (tenant: string) => `${prefix}jobs:${tenant}`;

  async function change(tenant: string, id: string, next: Partial<Job>) {
    await redis.ask((client) => client.eval(CHANGE, 1, recordOf(tenant, id), ...fieldsOf(next)), CALL_MS);
  }
  const get = (tenant: string, id: string) => redis.ask(async (client) => jobOf(id, await client.hgetall(recordOf(tenant, id))), CALL_MS);

  return {
    async create(tenant, job, payload) {
      const { client } = redis;
      const old = await client.zrevrange(listOf(tenant), mostKept - 1, -1);
      const all = client
        .multi()
        .set(payloadOf(job.id), payload, 'PX', WEEK_MS)
        .hset(recordOf(tenant, job.id), ...fieldsOf(job))
        .zadd(listOf(tenant), Date.parse(job.createdAt), job.id);
      for (const id of old) all.zrem(listOf(tenant), id).pexpire(recordOf(tenant, id), WEEK_MS);
      const failed = (await all.exec())?.find(([error]) => error);
      if (failed?.[0]) throw failed[0];
    },
    get,
    async list(tenant, { status, limit = 100 } = {}) {
      return redis.ask(async (client) => {
        const ids = await client.zrevrange(listOf(tenant), 0, -1);
        if (ids.length === 0) return [];
        const reading = client.pipeline();
        for (const id of ids) reading.hgetall(recordOf(tenant, id));
        const found = (await reading.exec()) ?? [];
        const gone = ids.filter((_, i) => Object.keys((found[i]?.[1] as object | undefined) ?? {}).length === 0);
        if (gone.length > 0) await client.zrem(listOf(tenant), ...gone);
        const jobs = ids.flatMap((id, i) => jobOf(id, (found[i]?.[1] ?? {}) as Record<string, string>) ?? []);
        return jobs.filter((job) => status === undefined || job.status === status).slice(0, limit);
      }, CALL_MS);
    },
    change,
    async finish(tenant, id, next) {
      await change(tenant, id, { ...next, finishedAt: new Date().toISOString() });
      await redis.ask((client) => client.multi().del(payloadOf(id)).pexpire(recordOf(tenant, id), WEEK_MS).exec(), CALL_MS);
    },
    async cancel(tenant, id) {
      await redis.ask((client) => client.eval(CANCEL, 2, recordOf(tenant, id), payloadOf(id), new Date().toISOString()), CALL_MS);
      return get(tenant, id);
    },
    async isCancelled(tenant, id) {
      return (await redis.ask((client) => client.hget(recordOf(tenant, id), 'cancel'), CALL_MS)) === '1';
    },
    payload: (id) => redis.ask(async (client) => (await client.getBuffer(payloadOf(id))) ?? undefined, PAYLOAD_MS),
  };
}

function fieldsOf(job: Partial<Job>): string[] {
  return Object.entries(job).flatMap(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]);
}

function jobOf(id: string, fields: Readonly<Record<string, string>>): Job | undefined {
  const { status, collection, createdAt, finishedAt, result, error } = fields;
  if (createdAt === undefined || collection === undefined || !JOB_STATUSES.includes(status as JobStatus)) return undefined;
  return {
    id,
    status: status as JobStatus,
    collection,
    total: Number(fields['total']),
    done: Number(fields['done']),
    attempts: Number(fields['attempts']),
    createdAt,
    ...(finishedAt !== undefined && { finishedAt }),
    ...(result !== undefined && { result: JSON.parse(result) as NonNullable<Job['result']> }),
    ...(error !== undefined && { error: JSON.parse(error) as NonNullable<Job['error']> }),
  };
}
