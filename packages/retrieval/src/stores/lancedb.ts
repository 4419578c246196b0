import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isResiftError, type Passage, ResiftError, type Retriever, untilAborted } from '@resift/core';
import { createAnalyzer } from '../analyze.ts';
import { checkRetrieval } from '../internal/check-retrieval.ts';
import { syncEntry, syncFolder } from '../internal/sync-folder.ts';
import { createTurns } from '../internal/turns.ts';
import { createChangeCount } from './change-count.ts';
import { checkCollection, checkId } from './check-documents.ts';
import { encodingMemory, keptEncodings } from './kept-encodings.ts';
import type { LanceCollection } from './lance-collection.ts';
import { lanceDriver } from './lance-driver.ts';
import { storeErrors } from './lance-errors.ts';
import { lanceLate } from './lance-late.ts';
import { finishSwaps, isBuilding, rebuild } from './lance-rebuild.ts';
import { lockDirectory } from './lock.ts';
import { type Ingestion, type PreparedDocument, prepareDocuments } from './prepare-documents.ts';
import type { PutResult, Store } from './store.ts';

export interface LanceStoreOptions extends Ingestion {
  /** One directory per tenant: nothing of one is ever read for another. */
  readonly directory: string;
  /** Default true: only one process may open the directory. False only for readers of a directory that nobody writes to. */
  readonly lock?: boolean | undefined;
  /** Collections of fewer passages are searched exactly, larger ones through an index (IVF), but for searches with a filter. Default 50,000. */
  readonly indexVectorsFrom?: number | undefined;
  /** Token vectors lately used are kept in memory up to so many bytes, over all collections. Default 64 MiB, about 3,000 passages. */
  readonly encodingBytes?: number | undefined;
  /** Late interaction compares collections of fewer passages one by one, larger ones through a PLAID index on disk. Default 2,000. */
  readonly indexTokensFrom?: number | undefined;
}

/** So many commits make as many small files; then they are merged. */
const COMMITS_BEFORE_OPTIMIZING = 64;
const LEAST_NEW_ROWS = 4_096;
const NEW_SHARE = 0.25;
/** Token vectors in memory for late interaction, over all collections. */
const LATE_BYTES = 256 * 2 ** 20;

/**
 * Documents on disk in LanceDB, one table per collection, one commit per document: both legs change at once, and a `kill -9` at any moment
 * leaves whole documents. What is acknowledged was flushed to disk. Rejects with `conflict` if another process has the directory open,
 * with `unavailable` if `@lancedb/lancedb` is not installed.
 */
export async function openLanceStore(options: LanceStoreOptions): Promise<Store> {
  const { directory, embedder, tokenEmbedder, lock: locked = true, indexVectorsFrom = 50_000, encodingBytes = 64 * 2 ** 20 } = options;
  const { connect, createTable, openCollection, tableSchema } = await lanceDriver();
  await mkdir(directory, { recursive: true });
  const lock = locked ? await lockDirectory(directory) : undefined;
  if (locked) await finishSwaps(directory);
  const database = await connect(directory);
  const settings = { embedder, tokenEmbedder, analyze: createAnalyzer(), indexVectorsFrom };
  const open = new Map<string, Promise<LanceCollection>>();
  const flushed = new Map<string, Set<string>>();
  const commits = new Map<string, number>();
  const rows = new Map<string, number>();
  const turns = createTurns();
  const changes = createChangeCount();
  const memory = encodingMemory(encodingBytes);
  // Readers of a directory that is not theirs write no index.
  const late =
    tokenEmbedder && locked
      ? lanceLate({
          embedder: tokenEmbedder,
          tokenizer: options.tokenizer,
          directory,
          indexFrom: options.indexTokensFrom ?? 2_000,
          mostBytes: LATE_BYTES,
          memory,
          collection: (name) => storeErrors(existing(name), name),
        })
      : undefined;
  let closed = false;

  const tables = async () => (await database.tableNames({ limit: 100_000 })).filter((name) => !isBuilding(name)).sort();

  function usable(name: string): string {
    if (closed) throw new ResiftError('unavailable', 'The store is closed: expected it to be open. Open it again.');
    return checkCollection(name);
  }

  /** Opening reads all words once; everybody who waits for the same collection shares it. */
  function opened(name: string): Promise<LanceCollection> {
    let collection = open.get(name);
    if (!collection) {
      collection = openCollection(database, name, settings).catch((error: unknown) => {
        open.delete(name);
        throw error;
      });
      open.set(name, collection);
    }
    return collection;
  }

  async function existing(name: string): Promise<LanceCollection> {
    usable(name);
    if (!open.has(name) && !(await tables()).includes(name)) {
      throw new ResiftError('not_found', `There is no collection ${JSON.stringify(name)}.`, { details: { collection: name } });
    }
    return storeErrors(opened(name), name);
  }

  async function created(name: string): Promise<LanceCollection> {
    if (!open.has(name) && !(await tables()).includes(name)) {
      (await createTable(database, name, tableSchema(embedder.dimensions, embedder.id, tokenEmbedder?.id))).close();
      await flush(name);
      await syncEntry(directory);
    }
    return opened(name);
  }

  /** Everything that writes takes turns; a write that failed half-way makes the next reader start from the table again. */
  function write<T>(name: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return turns(async () => {
      usable(name);
      await lock?.check();
      try {
        return await storeErrors(work(), name, signal);
      } catch (error) {
        if (!isResiftError(error, 'not_found') && !isResiftError(error, 'invalid_config')) {
          open.delete(name);
          await late?.forget(name);
        }
        throw error;
      } finally {
        changes.note(name);
      }
    });
  }

  async function flush(name: string) {
    const known = flushed.get(name) ?? new Set<string>();
    flushed.set(name, known);
    await syncFolder(join(directory, `${name}.lance`), known);
    if (known.size > 0) commits.set(name, (commits.get(name) ?? 0) + 1);
  }

  /** After many commits, or when a good part of the rows came since, small files are merged and the new rows indexed. */
  async function tidy(name: string, added: number) {
    const count = (rows.get(name) ?? 0) + added;
    rows.set(name, count);
    const { chunks, smallFiles } = await opened(name);
    if ((commits.get(name) ?? 0) + smallFiles < COMMITS_BEFORE_OPTIMIZING && count < Math.max(LEAST_NEW_ROWS, NEW_SHARE * chunks)) return;
    commits.set(name, 0);
    rows.set(name, 0);
    await write(name, async () => {
      await (await created(name)).optimize();
      await flush(name);
    });
  }

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
    tidy(name, added).catch(() => {});
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
    await turns(async () => {});
    await late?.close();
    for (const collection of open.values()) await collection.then((found) => found.close()).catch(() => {});
    database.close();
    await lock?.release();
  }

  return {
    async collections() {
      usable('any');
      const names = await tables();
      return Promise.all(
        names.map(async (name) => {
          const { documents, chunks, tokenVectors } = await existing(name);
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
        if (!(await tables()).includes(name)) return false;
        const collection = open.get(name);
        open.delete(name);
        flushed.delete(name);
        await database.dropTable(name);
        await late?.drop(name);
        await syncEntry(directory);
        await collection?.then((found) => found.close()).catch(() => {});
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
      await existing(name);
      return write(
        name,
        async () => {
          const target = { database, directory, name, ingestion: options, signal, onProgress };
          const done = await rebuild(target, async () => {
            const collection = open.get(name);
            open.delete(name);
            flushed.delete(name);
            await collection?.then((found) => found.close()).catch(() => {});
          });
          await flush(name);
          await late?.forget(name);
          return done;
        },
        signal,
      );
    },
    async get(name, id) {
      return storeErrors((await existing(name)).get(checkId(id)), name);
    },
    async list(name, { cursor, limit }) {
      if (!Number.isInteger(limit) || limit < 1) {
        throw new ResiftError('invalid_input', `Expected limit to be a whole number of 1 or more, got ${limit}.`, {
          details: { field: 'limit' },
        });
      }
      return storeErrors((await existing(name)).list(cursor, limit), name);
    },
    async delete(name, id) {
      checkId(id);
      await existing(name);
      return write(name, async () => {
        const found = await (await existing(name)).remove(id);
        if (found) await flush(name);
        if (found) late?.remove(name, id);
        return found;
      });
    },
    retriever(name, leg): Retriever<Passage> {
      return {
        id: leg === 'bm25' ? 'bm25' : `dense:${embedder.id}`,
        async retrieve(query, asked) {
          checkRetrieval(query, asked);
          const collection = await untilAborted(existing(name), asked.signal);
          const search = leg === 'bm25' ? collection.searchWords(query, asked) : collection.searchVectors(query, asked);
          return untilAborted(storeErrors(search, name), asked.signal);
        },
      };
    },
    async version(name) {
      await existing(name);
      return changes.of(name);
    },
    ...(late && {
      late: (name) => ({
        id: `late:${tokenEmbedder?.id}`,
        async retrieve(query, asked) {
          checkRetrieval(query, asked);
          await untilAborted(existing(name), asked.signal);
          return untilAborted(storeErrors(late.retrieve(name, query, asked), name), asked.signal);
        },
      }),
    }),
    ...(tokenEmbedder && {
      async encodings(name, documents, asked) {
        const collection = await untilAborted(existing(name), asked?.signal);
        return keptEncodings((ids) => storeErrors(collection.packed(ids), name), memory)(documents, asked);
      },
    }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
