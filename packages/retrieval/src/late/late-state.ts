import type { TokenVectors } from '@resift/core';
import type { LateEntry } from './late-entry.ts';

/** A passage whose token vectors are in memory. */
export interface FreshEntry {
  readonly entry: LateEntry;
  readonly tokens: TokenVectors;
}

/**
 * What there is to find in one collection, and where its token vectors are: in memory (`fresh`), in the index on disk, or only in the store (`unread`).
 * It follows every change of the store at once; the index on disk follows later.
 */
export interface LateState {
  /** By version: whatever is not in here is found by no search. */
  readonly live: ReadonlyMap<string, LateEntry>;
  readonly fresh: ReadonlyMap<string, FreshEntry>;
  readonly unread: ReadonlyMap<string, LateEntry>;
  /** Of the numbers of `fresh`. */
  readonly bytes: number;
  /** `tokens` undefined: they are in the store. */
  add(entry: LateEntry, tokens: TokenVectors | undefined): void;
  /** All passages of a document. */
  remove(documentId: string): void;
  /** One that has no vectors to be found by. */
  drop(version: string): void;
  /** The index on disk holds exactly these versions now. */
  onDisk(versions: Iterable<string>): void;
  /** Versions on disk that are not there any more. */
  outdated(): string[];
}

export function createLateState(): LateState {
  const live = new Map<string, LateEntry>();
  const byDocument = new Map<string, string[]>();
  const fresh = new Map<string, FreshEntry>();
  const unread = new Map<string, LateEntry>();
  let disk = new Set<string>();
  let bytes = 0;

  function leaveMemory(version: string) {
    const known = fresh.get(version);
    if (known) bytes -= bytesOf(known.tokens);
    fresh.delete(version);
    unread.delete(version);
  }

  return {
    live,
    fresh,
    unread,
    get bytes() {
      return bytes;
    },
    add(entry, tokens) {
      const { version, documentId } = entry;
      if (!live.has(version)) {
        const siblings = byDocument.get(documentId);
        if (siblings) siblings.push(version);
        else byDocument.set(documentId, [version]);
      }
      live.set(version, entry);
      if (disk.has(version)) return;
      leaveMemory(version);
      if (!tokens) {
        unread.set(version, entry);
        return;
      }
      fresh.set(version, { entry, tokens });
      bytes += bytesOf(tokens);
    },
    remove(documentId) {
      for (const version of byDocument.get(documentId) ?? []) {
        live.delete(version);
        leaveMemory(version);
      }
      byDocument.delete(documentId);
    },
    drop(version) {
      live.delete(version);
      leaveMemory(version);
    },
    onDisk(versions) {
      const before = disk;
      disk = new Set(versions);
      for (const version of disk) leaveMemory(version);
      // One that came back while it was being taken off the disk is in the store.
      for (const version of before) {
        const entry = live.get(version);
        if (entry && !disk.has(version) && !fresh.has(version)) unread.set(version, entry);
      }
    },
    outdated: () => [...disk].filter((version) => !live.has(version)),
  };
}

const bytesOf = ({ data, scales }: TokenVectors) => data.byteLength + (scales?.byteLength ?? 0);
