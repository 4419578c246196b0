import { randomUUID } from 'node:crypto';

/** Counts the changes of each collection, for a store that is the only writer. */
export interface ChangeCount {
  /** To be called after a change can be found, and after one that failed half-way. */
  note(collection: string): void;
  /** Another name after every change, and in every process. */
  of(collection: string): string;
}

export function createChangeCount(): ChangeCount {
  const opened = randomUUID();
  const last = new Map<string, number>();
  let count = 0;
  return {
    note(collection) {
      count += 1;
      last.set(collection, count);
    },
    of: (collection) => `${opened}.${last.get(collection) ?? 0}`,
  };
}
