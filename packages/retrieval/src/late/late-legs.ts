import { rm } from 'node:fs/promises';
import type { Passage, RetrieveOptions, Scored } from '@resift/core';
import type { PreparedDocument } from '../stores/prepare-documents.ts';
import { createLateIndex, type LateIndex, type LateOptions } from './late-index.ts';
import type { LateSource } from './late-source.ts';

export interface LateLegsOptions extends Pick<LateOptions, 'embedder' | 'tokenizer' | 'indexFrom'> {
  source(collection: string): LateSource;
  directory(collection: string): string;
  /** Token vectors in memory over all collections; beyond it those of the collections that were searched least lately are let go, and read again when they are needed. */
  readonly mostBytes: number;
}

/** Late interaction over the collections of a store: each is opened at its first search, and told of what changes from then on. */
export interface LateLegs {
  retrieve(collection: string, query: string, options: RetrieveOptions): Promise<Scored<Passage>[]>;
  /** To be called after each commit, as `LateIndex` says; does nothing for a collection that is not open. */
  put(collection: string, documents: readonly PreparedDocument[]): void;
  remove(collection: string, documentId: string): void;
  /** Something happened that nobody can tell: the passages are read again at the next search. */
  forget(collection: string): Promise<void>;
  /** The collection is gone: so is its index. */
  drop(collection: string): Promise<void>;
  /** Resolves when nothing is going on in the background. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export function createLateLegs({ source, directory, mostBytes, ...settings }: LateLegsOptions): LateLegs {
  /** The one searched last comes last. */
  const open = new Map<string, LateIndex>();
  /** Of one collection the next may open when the last has let go of the files. */
  const closing = new Map<string, Promise<void>>();

  async function opened(collection: string): Promise<LateIndex> {
    while (closing.has(collection)) await closing.get(collection);
    const known = open.get(collection);
    open.delete(collection);
    const index = known ?? createLateIndex({ ...settings, source: source(collection), directory: directory(collection) });
    open.set(collection, index);
    index.ready.catch(() => {
      if (open.get(collection) === index) forget(collection).catch(() => {});
    });
    return index;
  }

  async function forget(collection: string): Promise<void> {
    const index = open.get(collection);
    open.delete(collection);
    if (!index) return closing.get(collection);
    const closed = index.close().finally(() => closing.delete(collection));
    closing.set(collection, closed);
    return closed;
  }

  async function makeRoom() {
    let bytes = [...open.values()].reduce((sum, index) => sum + index.bytes, 0);
    for (const [collection, index] of open) {
      if (bytes <= mostBytes || open.size === 1) return;
      bytes -= index.bytes;
      await forget(collection);
    }
  }

  return {
    async retrieve(collection, query, options) {
      const index = await opened(collection);
      try {
        return await index.retrieve(query, options);
      } finally {
        makeRoom().catch(() => {});
      }
    },
    put: (collection, documents) => open.get(collection)?.put(documents),
    remove: (collection, documentId) => open.get(collection)?.remove(documentId),
    forget,
    async drop(collection) {
      await forget(collection);
      await rm(directory(collection), { recursive: true, force: true });
    },
    async settled() {
      for (const index of open.values()) await index.settled();
    },
    async close() {
      for (const collection of [...open.keys()]) await forget(collection);
      await Promise.all(closing.values());
    },
  };
}
