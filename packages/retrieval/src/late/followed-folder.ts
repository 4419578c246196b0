import { rm } from 'node:fs/promises';
import { createTurns } from '../internal/turns.ts';
import { type Fetch, fetchPublished } from './fetch-published.ts';

/** A folder with an index that somebody else writes. */
export interface FollowedFolder {
  readonly directory: string;
  /** Brings it up to the newest there is. */
  fetch(signal: AbortSignal): Promise<void>;
  /** Removes what is damaged, where that is ours to do. */
  discard(): Promise<void>;
}

/** The folder of a writer on this machine, which is always the newest. */
export function writersFolder(directory: string): FollowedFolder {
  return { directory, fetch: async () => {}, discard: async () => {} };
}

/** A folder of this process for what is published in a bucket, which is looked at so often at most. */
export function followedFolder(published: Omit<Fetch, 'signal'>, everyMs: number): FollowedFolder {
  const { directory } = published;
  const turns = createTurns();
  let lookedAt = -Infinity;
  return {
    directory,
    fetch: (signal) =>
      turns(async () => {
        signal.throwIfAborted();
        if (performance.now() - lookedAt < everyMs) return;
        await fetchPublished({ ...published, signal });
        lookedAt = performance.now();
      }),
    discard: () =>
      turns(async () => {
        lookedAt = -Infinity;
        await rm(directory, { recursive: true, force: true });
      }),
  };
}
