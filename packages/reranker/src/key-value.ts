/** A store of short strings that forget themselves: a cache in memory, or Redis (`redisKeyValue`). */
export interface KeyValue {
  /** One value per key, in the order given; `undefined` where there is none. */
  getMany(keys: readonly string[]): Promise<readonly (string | undefined)[]>;
  setMany(entries: readonly (readonly [key: string, value: string])[], ttlMs: number): Promise<void>;
}

export interface MemoryKeyValueOptions {
  /** Past it the entry that was used longest ago goes. Default 10,000. */
  readonly maxEntries?: number | undefined;
  /** Milliseconds that only go forward. Default `performance.now()`. */
  readonly now?: (() => number) | undefined;
}

/** Keeps entries in this process. */
export function memoryKeyValue({ maxEntries = 10_000, now = () => performance.now() }: MemoryKeyValueOptions = {}): KeyValue {
  // A Map remembers the order of insertion, so the first entry is the one used longest ago.
  const entries = new Map<string, { readonly value: string; readonly until: number }>();

  return {
    async getMany(keys) {
      return keys.map((key) => {
        const entry = entries.get(key);
        if (!entry) return undefined;
        entries.delete(key);
        if (entry.until <= now()) return undefined;
        entries.set(key, entry);
        return entry.value;
      });
    },
    async setMany(given, ttlMs) {
      for (const [key, value] of given) {
        entries.delete(key);
        entries.set(key, { value, until: now() + ttlMs });
        if (entries.size > maxEntries) entries.delete(entries.keys().next().value!);
      }
    },
  };
}

/** What is used of a Redis client; `ioredis` has it. */
export interface RedisLike {
  mget(keys: string[]): Promise<(string | null)[]>;
  multi(): RedisTransaction;
}

interface RedisTransaction {
  set(key: string, value: string, unit: 'PX', ttlMs: number): RedisTransaction;
  exec(): Promise<[error: Error | null, result: unknown][] | null>;
}

/** Keeps entries in Redis, under `prefix` (default `resift:score:`). Its timeouts are the client's. */
export function redisKeyValue(client: RedisLike, prefix = 'resift:score:'): KeyValue {
  return {
    async getMany(keys) {
      if (keys.length === 0) return [];
      const values = await client.mget(keys.map((key) => prefix + key));
      return values.map((value) => value ?? undefined);
    },
    async setMany(entries, ttlMs) {
      if (entries.length === 0) return;
      const transaction = entries.reduce((all, [key, value]) => all.set(prefix + key, value, 'PX', Math.ceil(ttlMs)), client.multi());
      const failed = (await transaction.exec())?.find(([error]) => error);
      if (failed?.[0]) throw failed[0];
    },
  };
}
