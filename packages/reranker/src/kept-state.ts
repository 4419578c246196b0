import { ResiftError } from '@resift/core';
import type { KeyValue } from './key-value.ts';

/** Where a monitor's state outlives the process. One process writes: the last one to save wins. */
export interface KeptState<T> {
  /** `undefined` where nothing was saved. */
  load(): Promise<T | undefined>;
  save(state: T): Promise<void>;
}

const YEAR_MS = 365 * 24 * 3_600_000;

/** Keeps the state of `liftMonitor` or `holdoutMonitor` in memory or Redis (`redisKeyValue`), as JSON under `name`, for `ttlMs` (default: a year) after the last save. */
export function keptState<T>(store: KeyValue, name: string, ttlMs: number = YEAR_MS): KeptState<T> {
  return {
    async load() {
      const [text] = await store.getMany([name]);
      if (text === undefined) return undefined;
      try {
        return JSON.parse(text) as T;
      } catch (cause) {
        throw new ResiftError(
          'corrupt',
          `Expected a monitor's state as JSON under "${name}", got ${text.slice(0, 40)}: delete it to start anew.`,
          {
            cause,
          },
        );
      }
    },
    save: (state) => store.setMany([[name, JSON.stringify(state)]], ttlMs),
  };
}
