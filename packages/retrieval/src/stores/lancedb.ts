import { isResiftError, type Passage, ResiftError, type Retriever, untilAborted } from '@resift/core';
import { createAnalyzer } from '../analyze.ts';
import { checkRetrieval } from '../internal/check-retrieval.ts';
import { createTurns } from '../internal/turns.ts';
import { createChangeCount } from './change-count.ts';
import { checkCollection, checkId } from './check-documents.ts';
import { encodingMemory, keptEncodings } from './kept-encodings.ts';
import type { LanceCollection } from './lance-collection.ts';
import { openCollections } from './lance-collections.ts';
import { lanceDriver } from './lance-driver.ts';
import { storeErrors } from './lance-errors.ts';
import { lanceLate } from './lance-late.ts';
import { folderPlace } from './lance-place.ts';
import { rebuild } from './lance-rebuild.ts';
import { createTidying } from './lance-tidy.ts';
import { type Ingestion, type PreparedDocument, prepareDocuments } from './prepare-documents.ts';
import type { S3Settings } from './s3-bucket.ts';
import type { PutResult, Store } from './store.ts';

export interface LanceStoreOptions extends Ingestion {
  /** One directory per tenant: nothing of one is ever read for another. */
  readonly directory: string;
  /** The tables lie in a bucket instead; `directory` then holds what can be made from them again. One prefix per tenant. */
  readonly s3?: S3Settings | undefined;
  /** Default true: one process at a time may write. False: a reader, which writes nothing and takes up what the writer commits. */
  readonly lock?: boolean | undefined;
  /** How often a reader looks for something new in a collection that is asked for, in milliseconds. Default 1,000. */
  readonly followMs?: number | undefined;
  /** Collections of fewer passages are searched exactly, larger ones through an index (IVF), but for searches with a filter. Default 50,000. */
  readonly indexVectorsFrom?: number | undefined;
  /** Token vectors lately used are kept in memory up to so many bytes, over all collections. Default 64 MiB, about 3,000 passages. */
  readonly encodingBytes?: number | undefined;
  /** Late interaction compares collections of fewer passages one by one, larger ones through a PLAID index on disk. Default 4,000. */
  readonly indexTokensFrom?: number | undefined;
}

/**
 * Documents on disk in LanceDB, one table per collection, one commit per document: both legs change at once, and a `kill -9` at any moment
 * leaves whole documents. What is acknowledged was flushed to disk. Rejects with `conflict` if another process has the directory open,
 * with `unavailable` if `@lancedb/lancedb` is not installed.
 */
export async function openLanceStore(options: LanceStoreOptions): Promise<Store> {
  const { directory, embedder, tokenEmbedder, lock: locked = true, followMs = 1_000 } = options;
  const { indexVectorsFrom = 50_000, encodingBytes = 64 * 2 ** 20 } = options;
  const driver = await lanceDriver();
  const place = options.s3
    ? await (await import('./s3-place.ts')).s3Place({ ...options.s3, folder: directory })
    : await folderPlace(directory);
  const lock = locked ? await place.lock() : undefined;
  const database = await driver.connect(place.uri, { storageOptions: { ...place.storageOptions } });
  if (locked) await place.recover(database);
  const { keepVersionsMs } = place;
  const turns = createTurns();
  const changes = createChangeCount();
  const memory = encodingMemory(encodingBytes);
  const { names, existing, created, forget, letGo, ...open } = openCollections({
    driver,
    database,
    place,
    settings: { embedder, tokenEmbedder, analyze: createAnalyzer(), indexVectorsFrom, keepVersionsMs },
    followMs: locked ? undefined : followMs,
    onNewer(name) {
      changes.note(name);
      late?.renew(name);
    },
  });
  let closed = false;
  const late =
    tokenEmbedder &&
    (await lanceLate({
      embedder: tokenEmbedder,
      tokenizer: options.tokenizer,
      place,
      lock,
      indexFrom: options.indexTokensFrom ?? 4_000,
      followMs,
      memory,
      collection: (name) => storeErrors(found(name), name),
      names,
      onRenewed: (name) => changes.note(name),
    }));

  function usable(name: string): string {
    if (closed) throw new ResiftError('unavailable', 'The store is closed: expected it to be open. Open it again.');
    return checkCollection(name);
  }

  async function found(name: string) {
    usable(name);
    return existing(name);
  }

  /** Where the writer put another table in the place of the one that a reader has open, the reader asks once more, of that. */
  async function reading<T>(name: string, attempt: () => Promise<T>): Promise<T> {
    try {
      return await storeErrors(attempt(), name);
    } catch (error) {
      if (lock || !isResiftError(error, 'corrupt')) throw error;
      forget(name);
      await late?.forget(name);
      changes.note(name);
      return storeErrors(attempt(), name);
    }
  }

  const read = <T>(name: string, work: (collection: LanceCollection) => Promise<T>) => reading(name, async () => work(await found(name)));

  /** Everything that writes takes turns; a write that failed half-way makes the next reader start from the table again. */
  function write<T>(name: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return turns(async () => {
      usable(name);
      if (!lock) throw readerError(name);
      await lock.check();
      try {
        return await storeErrors(work(), name, signal);
      } catch (error) {
        if (!isResiftError(error, 'not_found') && !isResiftError(error, 'invalid_config')) {
          forget(name);
          await late?.forget(name);
        }
        throw error;
      } finally {
        changes.note(name);
      }
    });
  }

  const flush = async (name: string) => place.flush(await place.table(name));
  const tidying = createTidying({
    extent: found,
    optimize: (name) =>
      write(name, async () => {
        await (await created(name)).optimize();
        await flush(name);
      }),
  });

  async function store(name: string, group: readonly PreparedDocument[]): Promise<PutResult[]> {
    const replaced = await write(name, async () => {
      const collection = await created(name);
      collection.checkEmbedder();
      const result = await collection.commit(group);
      await flush(name);
      late?.put(name, group);
      return result;
    });
    // Nobody waits for it; if it fails, it is tried again after the next commits.
    const added = group.reduce((sum, { passages }) => sum + passages.length, 0);
    tidying.committed(name, added).catch(() => {});
    return group.map(({ id, passages, sanitized }, i) => ({
      id,
      chunks: passages.length,
      replaced: replaced[i]!,
      ...(sanitized && { sanitized }),
    }));
  }

  async function close() {
    if (closed) return;
    closed = true;
    tidying.close();
    await turns(async () => {});
    await late?.close();
    await open.close();
    database.close();
    await lock?.release();
  }

  return {
    async collections() {
      usable('any');
      return Promise.all(
        (await names()).map(async (name) => {
          const { documents, chunks, tokenVectors } = await found(name);
          return { name, documents, chunks, ...(tokenVectors && { tokenVectors }) };
        }),
      );
    },
    async createCollection(name) {
      usable(name);
      await write(name, () => created(name));
    },
    async deleteCollection(name) {
      usable(name);
      return write(name, async () => {
        if (!(await names()).includes(name)) return false;
        await letGo(name);
        await place.drop(database, name);
        await letGo(name); // somebody may have opened it meanwhile
        await late?.drop(name);
        return true;
      });
    },
    async put(name, documents, { signal, onProgress } = {}) {
      usable(name);
      const results: PutResult[] = [];
      for await (const group of prepareDocuments(documents, options, signal)) {
        signal?.throwIfAborted();
        results.push(...(await store(name, group)));
        onProgress?.({ documents: results.length, chunks: results.reduce((sum, { chunks }) => sum + chunks, 0) });
      }
      if (documents.length === 0) await write(name, () => created(name));
      return results;
    },
    async reindex(name, { signal, onProgress } = {}) {
      await found(name);
      return write(
        name,
        async () => {
          const target = { database, place, name, ingestion: options, signal, onProgress };
          const done = await rebuild(target, () => letGo(name));
          await letGo(name); // somebody may have opened it meanwhile
          await flush(name);
          await late?.forget(name);
          return done;
        },
        signal,
      );
    },
    async get(name, id) {
      checkId(id);
      return read(name, (collection) => collection.get(id));
    },
    async list(name, { cursor, limit }) {
      if (!Number.isInteger(limit) || limit < 1) {
        throw new ResiftError('invalid_input', `Expected limit to be a whole number of 1 or more, got ${limit}.`, {
          details: { field: 'limit' },
        });
      }
      return read(name, (collection) => collection.list(cursor, limit));
    },
    async delete(name, id) {
      checkId(id);
      await found(name);
      return write(name, async () => {
        const gone = await (await found(name)).remove(id);
        if (gone) await flush(name);
        if (gone) late?.remove(name, id);
        if (gone) tidying.committed(name, 0).catch(() => {});
        return gone;
      });
    },
    retriever(name, leg): Retriever<Passage> {
      return {
        id: leg === 'bm25' ? 'bm25' : `dense:${embedder.id}`,
        async retrieve(query, asked) {
          checkRetrieval(query, asked);
          const search = read(name, (collection) =>
            leg === 'bm25' ? collection.searchWords(query, asked) : collection.searchVectors(query, asked),
          );
          return untilAborted(search, asked.signal);
        },
      };
    },
    async version(name) {
      await found(name);
      return changes.of(name);
    },
    ...(late && {
      late: (name) => ({
        id: `late:${tokenEmbedder?.id}`,
        async retrieve(query, asked) {
          checkRetrieval(query, asked);
          await untilAborted(found(name), asked.signal);
          return untilAborted(
            reading(name, () => late.retrieve(name, query, asked)),
            asked.signal,
          );
        },
      }),
    }),
    ...(tokenEmbedder && {
      async encodings(name, documents, asked) {
        await untilAborted(found(name), asked?.signal);
        return keptEncodings((ids) => read(name, (collection) => collection.packed(ids)), memory)(documents, asked);
      },
    }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

const readerError = (collection: string) =>
  new ResiftError('conflict', 'This store was opened as a reader: expected the process that writes to it. Send changes there.', {
    details: { reason: 'read_only', collection },
  });
