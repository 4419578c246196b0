import {
  isResiftError,
  type Passage,
  passageText,
  ResiftError,
  type RetrieveOptions,
  type Scored,
  type TokenEmbedder,
  type Tokenizer,
  untilAborted,
} from '@resift/core';
import { filterTags } from '../filter.ts';
import { breaths } from '../internal/breaths.ts';
import { tokenRows } from '../plaid/encode-documents.ts';
import type { PreparedDocument } from '../stores/prepare-documents.ts';
import { unpackEncoding } from '../stores/token-codec.ts';
import { compareWith } from './compare.ts';
import type { LateDisk } from './late-disk.ts';
import { type LateEntry, lateEntry, passes } from './late-entry.ts';
import type { LateSource } from './late-source.ts';
import { createLateState } from './late-state.ts';

export interface LateOptions {
  readonly source: LateSource;
  /** The index on disk, once there is one. */
  readonly disk: LateDisk;
  readonly embedder: TokenEmbedder;
  readonly tokenizer: Tokenizer;
  /** Fewer passages are compared one by one from memory; from so many on there is an index on disk. */
  readonly indexFrom: number;
}

/** Late interaction over one collection of a store. */
export interface LateIndex {
  /** Rejects where the passages could not be read; then so does every search. */
  readonly ready: Promise<void>;
  retrieve(query: string, options: RetrieveOptions): Promise<Scored<Passage>[]>;
  /** To be called, in order, after each commit: documents that came in or were replaced. */
  put(documents: readonly PreparedDocument[]): void;
  remove(documentId: string): void;
  /** Bytes of token vectors in memory. */
  readonly bytes: number;
  /** Resolves when nothing is going on in the background. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Passages that the index on disk gives beyond those asked for: its scores are near the true ones, and the true ones decide. */
const SLACK = 0.3;
/** So much of `indexFrom` is compared from memory beside an index before it joins the index. */
const FLUSH_SHARE = 0.25;
/** So many times `indexFrom` are kept in memory while an index is being built; more are left in the store. */
const MOST_FRESH = 2;
const READ_AT_ONCE = 64;
const CLOSED = 'closed';

/**
 * Opens late interaction over the passages of a source: compares them one by one while they are few, and keeps a PLAID index of them on disk when they are many.
 * A search sees every change that was told of before it. The index on disk follows in the background; what it lacks is compared beside it, what it has too much of is never found,
 * and every score is that of the vectors kept in the store. While a large collection is indexed for the first time, searches reject with `unavailable` and the reason `building`.
 */
export function createLateIndex({ source, disk, embedder, tokenizer, indexFrom }: LateOptions): LateIndex {
  const state = createLateState();
  const size = embedder.tokenDimensions;
  const closing = new AbortController();
  /** Changes that came while the passages were being read. */
  let waiting: (() => void)[] | undefined = [];
  let working: Promise<void> | undefined;
  const searching = new Set<Promise<unknown>>();
  let failure: unknown;
  const ready = open();
  ready.catch(() => {}); // every search awaits it

  async function open() {
    const known = await disk.open(closing.signal);
    state.onDisk(known);
    const breathe = breaths();
    const missing: LateEntry[] = [];
    for await (const passage of source.scan()) {
      const entry = lateEntry(passage, tokenizer);
      state.add(entry, undefined);
      if (!known.has(entry.version)) missing.push(entry);
      await breathe();
      closing.signal.throwIfAborted();
    }
    const few = missing.length < indexFrom * (known.size > 0 ? FLUSH_SHARE : 1);
    if (few) await readVectors(missing);
    for (const change of waiting!) change();
    waiting = undefined;
    tend();
  }

  async function readVectors(entries: readonly LateEntry[]) {
    const breathe = breaths();
    for (let from = 0; from < entries.length; from += READ_AT_ONCE) {
      const some = entries.slice(from, from + READ_AT_ONCE);
      const packed = await source.packed(some.map(({ id }) => id));
      for (const entry of some) {
        const bytes = packed.get(entry.id);
        const encoding = bytes && unpackEncoding(bytes, entry.key);
        // One of another text by now is about to be told of.
        if (encoding) state.add(entry, encoding.tokens);
        else state.drop(entry.version);
        await breathe();
      }
      closing.signal.throwIfAborted();
    }
  }

  function put(documents: readonly PreparedDocument[]) {
    for (const { id, passages, packed } of documents) {
      state.remove(id);
      for (const [i, passage] of passages.entries()) {
        const entry = lateEntry(passage, tokenizer);
        const inMemory = state.fresh.size < MOST_FRESH * indexFrom ? packed?.[i] : undefined;
        state.add(entry, inMemory && unpackEncoding(inMemory, entry.key)?.tokens);
      }
    }
  }

  /** Lets the index on disk catch up where it is time to; a failure is tried again after the next change or search. */
  function tend() {
    if (working || waiting || closing.signal.aborted) return;
    const { fresh, unread } = state;
    const due = unread.size > 0 || fresh.size >= indexFrom * (disk.size > 0 ? FLUSH_SHARE : 1);
    if (!due && state.outdated().length < Math.max(indexFrom, disk.size) * FLUSH_SHARE) return;
    working = disk
      .change([...unread.values(), ...[...fresh.values()].map(({ entry }) => entry)], state.outdated(), closing.signal)
      .then(
        (versions) => {
          state.onDisk(versions);
          failure = undefined;
        },
        async (error: unknown) => {
          failure = error;
          if (isResiftError(error, 'corrupt')) await discard();
        },
      )
      .finally(() => {
        working = undefined;
        if (failure === undefined) tend();
      });
  }

  async function discard() {
    await disk.discard();
    state.onDisk([]);
  }

  /** What is damaged is made again from what the store keeps. */
  async function startAgain(error: unknown): Promise<never> {
    if (!isResiftError(error, 'corrupt')) throw error;
    await working;
    await discard();
    tend();
    throw building(state.unread.size, error);
  }

  async function retrieve(query: string, { topK, filter, signal }: RetrieveOptions): Promise<Scored<Passage>[]> {
    const groups = filterTags(filter);
    const [{ encodings }] = await Promise.all([embedder.encode([query], 'query', { signal }), untilAborted(ready, signal)]);
    const rows = tokenRows(embedder, encodings[0]);
    tend();
    if (state.unread.size > 0) throw building(state.unread.size, failure);
    if (rows.length === 0 || topK === 0) return [];

    // Taken at one moment: what moves from memory to disk meanwhile is in one of them.
    const inMemory = [...state.fresh.values()].filter(({ entry }) => passes(entry, groups));
    const accepts = (version: string) => {
      const entry = state.live.get(version);
      return entry !== undefined && passes(entry, groups);
    };
    const fromDisk = disk.find(rows, { topK: topK + Math.ceil(SLACK * topK), accepts, signal }).catch(startAgain);
    fromDisk.catch(() => {});
    const compare = compareWith(rows, size);
    const breathe = breaths();
    const scores = new Map<string, number>();
    for (const { entry, tokens } of inMemory) {
      scores.set(entry.version, compare(tokens));
      await breathe();
      signal?.throwIfAborted();
    }
    const best = [...scores.keys()].sort((a, b) => scores.get(b)! - scores.get(a)!).slice(0, topK);
    const candidates = new Set([...best, ...(await fromDisk).map(({ id }) => id)]);
    const ids = [...candidates].flatMap((version) => state.live.get(version)?.id ?? []);

    // The store says what is there now, and its vectors what it is worth.
    const passages = [...(await source.passagesOf(ids, filter)).values()];
    const versions = passages.map((passage) => lateEntry(passage, tokenizer).version);
    const unscored = passages.filter((_, i) => !scores.has(versions[i]!));
    const kept = await source.encodings(
      unscored.map(({ id, ...passage }) => ({ id, text: passageText(passage, tokenizer) })),
      { signal },
    );
    const read = new Map<string, number>();
    for (const [i, { id }] of unscored.entries()) {
      const encoding = kept[i];
      if (encoding) read.set(id, compare(encoding.tokens));
      await breathe();
    }
    return passages
      .flatMap((document, i) => {
        const score = scores.get(versions[i]!) ?? read.get(document.id);
        return score === undefined ? [] : [{ document, score }];
      })
      .sort((a, b) => b.score - a.score || (a.document.id < b.document.id ? -1 : 1))
      .slice(0, topK);
  }

  function changed(change: () => void) {
    if (waiting) waiting.push(change);
    else {
      change();
      tend();
    }
  }

  return {
    ready,
    async retrieve(query, options) {
      closing.signal.throwIfAborted();
      const search = retrieve(query, options);
      searching.add(search);
      try {
        return await search;
      } finally {
        searching.delete(search);
      }
    },
    put: (documents) => changed(() => put(documents)),
    remove: (documentId) => changed(() => state.remove(documentId)),
    get bytes() {
      return state.bytes;
    },
    async settled() {
      await ready;
      while (working) await working;
    },
    async close() {
      closing.abort(new ResiftError('unavailable', 'The index was closed: expected it to be open.', { details: { reason: CLOSED } }));
      await ready.catch(() => {});
      await working;
      await Promise.allSettled(searching);
      await disk.close();
    },
  };
}

/** Whether a search failed because its index was closed before all passages were read: by then there may be another. */
export function wasClosed(error: unknown): boolean {
  return isResiftError(error, 'unavailable') && error.details?.['reason'] === CLOSED;
}

function building(left: number, cause: unknown): ResiftError {
  return new ResiftError(
    'unavailable',
    `The late-interaction index of this collection is being built, ${left} passages are left: expected it to be complete. Try again later, or ask another retriever.`,
    { cause, details: { reason: 'building', left } },
  );
}
