import { isResiftError, type Passage, ResiftError, type RetrieveOptions, type Scored } from '@resift/core';
import type { PreparedDocument } from '../stores/prepare-documents.ts';
import type { LateDisk } from './late-disk.ts';
import { createLateIndex, type LateIndex, type LateOptions, wasClosed } from './late-index.ts';
import type { LateSource } from './late-source.ts';

export interface LateLegsOptions extends Pick<LateOptions, 'embedder' | 'tokenizer' | 'indexFrom'> {
  source(collection: string): LateSource;
  disk(collection: string): LateDisk;
  /** Token vectors in memory over all collections; beyond it those of the collections that were searched least lately are let go, and read again when they are needed. */
  readonly mostBytes: number;
  /** A collection that was renewed is served from now on. */
  readonly onRenewed?: ((collection: string) => void) | undefined;
}

/** Late interaction over the collections of a store: each is opened at its first search, and told of what changes from then on. */
export interface LateLegs {
  retrieve(collection: string, query: string, options: RetrieveOptions): Promise<Scored<Passage>[]>;
  /** To be called after each commit, as `LateIndex` says; does nothing for a collection that is not open. */
  put(collection: string, documents: readonly PreparedDocument[]): void;
  remove(collection: string, documentId: string): void;
  /** Opens it without a search, in the background, so that its index on disk follows. */
  wake(collection: string): void;
  /** Something happened that nobody can tell: the passages are read again at the next search. */
  forget(collection: string): Promise<void>;
  /** The same where somebody else writes, and a collection that is open: the passages are read beside the searches, which go on over the old ones until that is done. */
  renew(collection: string): void;
  /** The collection is gone: so is its index. */
  drop(collection: string): Promise<void>;
  /** Resolves when nothing is going on in the background. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export function createLateLegs({ source, disk, mostBytes, onRenewed, ...settings }: LateLegsOptions): LateLegs {
  /** The one searched last comes last. */
  const open = new Map<string, LateIndex>();
  /** Of one collection the next may open when the last has let go of the files. */
  const closing = new Map<string, Promise<void>>();
  /** What is being read beside the searches; `again` when something newer came meanwhile. */
  const renewing = new Map<string, { readonly next: LateIndex; again: boolean; done: Promise<void> }>();
  let closed = false;

  const create = (collection: string) => createLateIndex({ ...settings, source: source(collection), disk: disk(collection) });

  async function opened(collection: string): Promise<LateIndex> {
    while (closing.has(collection)) await closing.get(collection);
    if (closed) throw new ResiftError('unavailable', 'The store is closed: expected it to be open. Open it again.');
    const known = open.get(collection);
    open.delete(collection);
    const index = known ?? create(collection);
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

  function renew(collection: string) {
    const before = open.get(collection);
    const running = renewing.get(collection);
    if (running) running.again = true;
    if (running || !before || closed) return;
    const next = create(collection);
    const state = { next, again: false, done: Promise.resolve() };
    renewing.set(collection, state);
    state.done = replace(collection, before, next)
      .catch(() => {}) // files of the one before that did not close
      .finally(() => {
        renewing.delete(collection);
        if (state.again) renew(collection);
      });
  }

  async function replace(collection: string, before: LateIndex, next: LateIndex): Promise<void> {
    const failure = await next.ready.then(
      () => undefined,
      (error: unknown) => error ?? true,
    );
    if (failure === undefined && open.get(collection) === before) {
      open.set(collection, next);
      onRenewed?.(collection);
      return before.close();
    }
    await next.close();
    if (failure === undefined || closed) return;
    // The next search tells why.
    await (isResiftError(failure, 'not_found') ? drop(collection) : forget(collection));
    onRenewed?.(collection);
  }

  async function drop(collection: string) {
    await forget(collection);
    await disk(collection).discard();
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
      for (;;) {
        const index = await opened(collection);
        try {
          return await index.retrieve(query, options);
        } catch (error) {
          if (!wasClosed(error) || closed) throw error;
        } finally {
          makeRoom().catch(() => {});
        }
      }
    },
    put: (collection, documents) => open.get(collection)?.put(documents),
    remove: (collection, documentId) => open.get(collection)?.remove(documentId),
    wake(collection) {
      opened(collection)
        .then(({ ready }) => ready)
        .then(makeRoom)
        .catch(() => {});
    },
    forget,
    renew,
    drop,
    async settled() {
      for (const index of open.values()) await index.settled();
    },
    async close() {
      closed = true;
      for (const { next } of renewing.values()) await next.close();
      await Promise.all([...renewing.values()].map(({ done }) => done));
      for (const collection of [...open.keys()]) await forget(collection);
      await Promise.all(closing.values());
    },
  };
}
