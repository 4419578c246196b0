import { randomUUID } from 'node:crypto';
import { type LiftState, liftMonitor } from '@resift/reranker/lift';
import { type FeedbackKind, type LiftEntry, type LiftLog, observeEntry } from '../lift-log.ts';
import type { SharedRedis } from './shared-redis.ts';

/** Settles the oldest request, if it is still the oldest and nobody settled another one meanwhile. */
const SETTLE = `
local order, entries, grades, ids, settled = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
if redis.call('LINDEX', order, 0) ~= ARGV[1] then return 0 end
if (redis.call('GET', settled) or '') ~= ARGV[2] then return 0 end
redis.call('LPOP', order)
redis.call('HDEL', entries, ARGV[1])
redis.call('HDEL', grades, ARGV[1])
for i = 4, #ARGV do if redis.call('HGET', ids, ARGV[i]) == ARGV[1] then redis.call('HDEL', ids, ARGV[i]) end end
redis.call('SET', settled, ARGV[3])
return 1`;

/** Adds one grade to what is known of a request that may still get feedback. */
const GRADE = `
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
local grades = cjson.decode(redis.call('HGET', KEYS[2], ARGV[1]) or '{}')
grades[ARGV[2]] = tonumber(ARGV[3])
redis.call('HSET', KEYS[2], ARGV[1], cjson.encode(grades))
return 1`;

/** Reading a thousand requests takes longer than a bucket. */
const READ_MS = 2_000;

/** The lift log of all replicas. While Redis does not answer, requests go unrecorded, and reports and feedback are `unavailable`. */
export function redisLift(redis: SharedRedis, prefix: string, mostOpen = 1_000): LiftLog {
  const keysOf = (tenant: string) => {
    const key = (name: string) => `${prefix}lift:${tenant}:${name}`;
    return {
      order: key('order'),
      entries: key('entries'),
      grades: key('grades'),
      ids: key('ids'),
      settled: key('settled'),
      feedback: key('feedback'),
    };
  };

  async function settleOldest(tenant: string) {
    const keys = keysOf(tenant);
    await redis.attempt(async (client) => {
      const [uid, state] = await Promise.all([client.lindex(keys.order, 0), client.get(keys.settled)]);
      if (!uid) return;
      const [entry, grades] = await Promise.all([client.hget(keys.entries, uid), client.hget(keys.grades, uid)]);
      const monitor = liftMonitor({ state: read<LiftState>(state) });
      const known = read<Omit<LiftEntry, 'grades'>>(entry);
      if (known) observeEntry(monitor, { ...known, grades: read<Record<string, number>>(grades) ?? {} });
      const names = [keys.order, keys.entries, keys.grades, keys.ids, keys.settled];
      await client.eval(SETTLE, names.length, ...names, uid, state ?? '', JSON.stringify(monitor.state()), ...(known?.ids ?? []));
    }, READ_MS);
  }

  async function record(tenant: string, ids: readonly string[], orders: LiftEntry['orders']) {
    const keys = keysOf(tenant);
    const uid = randomUUID();
    const open = await redis.attempt(async (client) => {
      const done = await client
        .multi()
        .hset(keys.entries, uid, JSON.stringify({ ids, orders }))
        .hset(keys.ids, Object.fromEntries(ids.map((id) => [id, uid])))
        .rpush(keys.order, uid)
        .exec();
      return Number(done?.at(-1)?.[1]);
    });
    if (open !== undefined && open > mostOpen) await settleOldest(tenant);
  }

  return {
    record(tenant, ids, orders) {
      void record(tenant, ids, orders);
    },
    async feedback(tenant, request, result, kind, grade) {
      const keys = keysOf(tenant);
      return redis.ask(async (client) => {
        const uid = await client.hget(keys.ids, request);
        const entry = uid === null ? undefined : read<LiftEntry>(await client.hget(keys.entries, uid));
        if (uid === null || !entry) return 'unknown request';
        if (!entry.orders.reranked.includes(result)) return 'unknown result';
        await client.hincrby(keys.feedback, kind, 1);
        // A click favours what stands first, so it says nothing of a list that was simply reranked: it is counted, not believed.
        if (kind !== 'click') await client.eval(GRADE, 2, keys.entries, keys.grades, uid, result, String(grade ?? (kind === 'up' ? 1 : 0)));
        return 'taken';
      }, READ_MS);
    },
    async report(tenant) {
      const keys = keysOf(tenant);
      return redis.ask(async (client) => {
        const [state, order, entries, grades, counts] = await Promise.all([
          client.get(keys.settled),
          client.lrange(keys.order, 0, -1),
          client.hgetall(keys.entries),
          client.hgetall(keys.grades),
          client.hgetall(keys.feedback),
        ]);
        const monitor = liftMonitor({ state: read<LiftState>(state) });
        for (const uid of order) {
          const entry = read<LiftEntry>(entries[uid]);
          if (entry) observeEntry(monitor, { ...entry, grades: read<Record<string, number>>(grades[uid]) ?? {} });
        }
        const count = (kind: FeedbackKind) => Number(counts[kind] ?? 0);
        return {
          ...monitor.report(),
          feedback: { click: count('click'), up: count('up'), down: count('down'), grade: count('grade') },
        };
      }, READ_MS);
    },
  };
}

/** What comes out of Redis may be anything; what is no JSON is as good as nothing. */
function read<T>(text: string | null | undefined): T | undefined {
  try {
    return text ? (JSON.parse(text) as T) : undefined;
  } catch {
    return undefined;
  }
}
