import { type Metadata, type Passage, ResiftError, type Retriever, untilAborted } from '@resift/core';
import type { PoolClient } from 'pg';
import { createAnalyzer } from '../analyze.ts';
import { filterTags } from '../filter.ts';
import { checkRetrieval } from '../internal/check-retrieval.ts';
import { checkCollection, checkId } from './check-documents.ts';
import { encodingMemory, keptEncodings } from './kept-encodings.ts';
import { BUILDING, type CollectionRow, collectionTable, vectorIndexOf } from './postgres-collections.ts';
import { postgresErrors } from './postgres-errors.ts';
import { openPools, transaction } from './postgres-pools.ts';
import { searchVectors, searchWords } from './postgres-read.ts';
import { migrate, quotedName } from './postgres-schema.ts';
import { removeDocuments, writeDocuments } from './postgres-write.ts';
import { checkVectors, type Ingestion, type PreparedDocument, prepareDocuments } from './prepare-documents.ts';
import type { CollectionSummary, DocumentSummary, PutResult, Store, StoredDocument } from './store.ts';

export interface PostgresStoreOptions extends Ingestion {
  /** `postgres://user:password@host:port/database`, with `?sslmode=` where it needs TLS. */
  readonly url: string;
  /** One schema per tenant: nothing of one is ever read for another. At most 63 characters. */
  readonly schema: string;
  /** Collections of fewer passages are searched exactly, larger ones through an index (HNSW), but for searches with a filter. Default 50,000. */
  readonly indexVectorsFrom?: number | undefined;
}

const REINDEX_PAGE = 64;

/**
 * Documents in PostgreSQL with pgvector, for many servers at once: its full-text index finds words (BM25), pgvector finds vectors, one transaction
 * changes both. Rejects with `invalid_config` where pgvector or a right is missing, with `unavailable` where no server answers or `pg` is not installed.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const { url, schema: name, embedder, tokenEmbedder, indexVectorsFrom = 50_000 } = options;
  if (!/^[A-Za-z0-9_-]{1,63}$/.test(name)) {
    throw new ResiftError('invalid_config', `Expected a schema name of 1 to 63 letters, digits, "_" or "-", got ${JSON.stringify(name)}.`);
  }
  const schema = quotedName(name);
  const analyze = createAnalyzer();
  const { find, list, created, checkModels } = collectionTable(name, options);
  const { reads, writes, close } = await openPools(url);
  try {
    await postgresErrors(() => migrate(writes, name));
  } catch (error) {
    await close();
    throw error;
  }

  /** All that write to one collection take turns, in whichever process they are; a reindexing is one long turn. */
  async function inTurn<T>(collection: string, work: (client: PoolClient) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return postgresErrors(
      () =>
        transaction(writes, 'READ COMMITTED', async (client) => {
          await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${name} ${collection}`]);
          signal?.throwIfAborted();
          return work(client);
        }),
      signal,
    );
  }

  async function store(collection: string, group: readonly PreparedDocument[], signal: AbortSignal | undefined): Promise<PutResult[]> {
    const { replaced, row } = await inTurn(
      collection,
      async (client) => {
        const row = await created(client, collection);
        checkModels(row, 'any');
        return { replaced: await writeDocuments(client, schema, row.id, group, analyze), row };
      },
      signal,
    );
    // Nobody waits for it; if it fails, it is tried again after the next documents.
    if (!row.indexed && row.chunks >= indexVectorsFrom) indexVectors(row).catch(() => {});
    return group.map(({ id, passages, sanitized }, i) => ({
      id,
      chunks: passages.length,
      replaced: replaced[i]!,
      ...(sanitized && { sanitized }),
    }));
  }

  async function indexVectors({ id, dimensions }: CollectionRow) {
    const client = await writes.connect();
    try {
      const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock(hashtextextended($1, 1)) AS locked', [name]);
      if (!rows[0]!.locked) return;
      try {
        await client.query('SET statement_timeout = 0');
        // One that a crash left half-built is not valid, and would be in the way.
        await client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${schema}.${vectorIndexOf(id)}`);
        await client.query(
          `CREATE INDEX CONCURRENTLY ${vectorIndexOf(id)} ON ${schema}.passages USING hnsw ((vector::vector(${dimensions})) vector_ip_ops) WHERE collection = ${id}`,
        );
      } finally {
        await client.query('RESET statement_timeout');
        await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 1))', [name]);
      }
    } finally {
      client.release();
    }
  }

  async function rebuild(collection: string, onGroup: (group: readonly PreparedDocument[]) => void, signal: AbortSignal | undefined) {
    const building = `${collection}${BUILDING}`;
    await inTurn(
      collection,
      async (turn) => {
        const old = await find(turn, collection);
        // Documents go in by transactions of their own, under a name that nobody can ask for.
        const fresh = await transaction(writes, 'READ COMMITTED', async (client) => {
          await client.query(`DELETE FROM ${schema}.collections WHERE name = $1`, [building]);
          return created(client, building);
        });
        for (let after = ''; ; ) {
          const { rows } = await turn.query<DocumentRow & { text: string }>(
            `SELECT id, text, title, url, metadata, chunks, created_at FROM ${schema}.documents WHERE collection = $1 AND id > $2 ORDER BY id LIMIT ${REINDEX_PAGE}`,
            [old.id, after],
          );
          if (rows.length === 0) break;
          after = rows.at(-1)!.id;
          const createdAt = new Map(rows.map((row) => [row.id, row.created_at]));
          const sources = rows.map((row) => ({ ...described(row), id: row.id, text: row.text }));
          for await (const group of prepareDocuments(sources, options, signal)) {
            const kept = group.map((document) => ({ ...document, createdAt: createdAt.get(document.id)! }));
            await transaction(writes, 'READ COMMITTED', (client) => writeDocuments(client, schema, fresh.id, kept, analyze));
            onGroup(group);
          }
        }
        await turn.query(`DELETE FROM ${schema}.collections WHERE id = $1`, [old.id]);
        await turn.query(`UPDATE ${schema}.collections SET name = $1 WHERE id = $2`, [collection, fresh.id]);
        await turn.query(`DROP INDEX IF EXISTS ${schema}.${vectorIndexOf(old.id)}`);
      },
      signal,
    );
    const row = await find(writes, collection);
    if (!row.indexed && row.chunks >= indexVectorsFrom) indexVectors(row).catch(() => {});
  }

  async function encodingsOf(collection: string, ids: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const row = await find(reads, collection);
    if (row.token_embedder !== tokenEmbedder?.id) return new Map();
    const { rows } = await reads.query<{ id: string; tokens: Buffer }>(
      `SELECT id, tokens FROM ${schema}.passages WHERE collection = $1 AND id = ANY ($2) AND tokens IS NOT NULL`,
      [row.id, ids],
    );
    // A Buffer's `slice` is no copy, and whoever unpacks it makes one by `slice`.
    return new Map(rows.map(({ id, tokens }) => [id, new Uint8Array(tokens)]));
  }

  const memory = encodingMemory(64 * 2 ** 20);
  return {
    async collections() {
      const rows = await postgresErrors(() => list(reads));
      return rows.map((row): CollectionSummary => {
        const { name, documents, chunks, token_embedder } = row;
        const tokenVectors = token_embedder === null ? 'missing' : token_embedder === tokenEmbedder?.id ? 'kept' : 'other model';
        return { name, documents, chunks, ...(tokenEmbedder && { tokenVectors }) };
      });
    },
    async createCollection(collection) {
      checkCollection(collection);
      await inTurn(collection, (client) => created(client, collection));
    },
    async deleteCollection(collection) {
      checkCollection(collection);
      return inTurn(collection, async (client) => {
        const { rows } = await client.query<{ id: number }>(`DELETE FROM ${schema}.collections WHERE name = $1 RETURNING id`, [collection]);
        if (rows[0]) await client.query(`DROP INDEX IF EXISTS ${schema}.${vectorIndexOf(rows[0].id)}`);
        return rows.length > 0;
      });
    },
    async put(collection, documents, { signal, onProgress } = {}) {
      checkCollection(collection);
      const results: PutResult[] = [];
      for await (const group of prepareDocuments(documents, options, signal)) {
        signal?.throwIfAborted();
        results.push(...(await store(collection, group, signal)));
        onProgress?.({ documents: results.length, chunks: results.reduce((sum, { chunks }) => sum + chunks, 0) });
      }
      if (documents.length === 0) await inTurn(collection, (client) => created(client, collection));
      return results;
    },
    async reindex(collection, { signal, onProgress } = {}) {
      checkCollection(collection);
      const done = { documents: 0, chunks: 0 };
      const count = (group: readonly PreparedDocument[]) => {
        done.documents += group.length;
        done.chunks += group.reduce((sum, { passages }) => sum + passages.length, 0);
        onProgress?.({ ...done });
      };
      await rebuild(collection, count, signal);
      return done;
    },
    async get(collection, id) {
      checkCollection(collection);
      checkId(id);
      return postgresErrors(async () => {
        const { id: number } = await find(reads, collection);
        const { rows } = await reads.query<DocumentRow & { text: string }>(
          `SELECT id, text, title, url, metadata, chunks, created_at FROM ${schema}.documents WHERE collection = $1 AND id = $2`,
          [number, id],
        );
        return rows[0] && ({ ...summaryOf(rows[0]), text: rows[0].text } satisfies StoredDocument);
      });
    },
    async list(collection, { cursor, limit }) {
      checkCollection(collection);
      if (!Number.isInteger(limit) || limit < 1) {
        throw new ResiftError('invalid_input', `Expected limit to be a whole number of 1 or more, got ${limit}.`, {
          details: { field: 'limit' },
        });
      }
      return postgresErrors(async () => {
        const { id } = await find(reads, collection);
        const { rows } = await reads.query<DocumentRow>(
          `SELECT id, title, url, metadata, chunks, created_at FROM ${schema}.documents
           WHERE collection = $1 AND ($2::text IS NULL OR id > $2) ORDER BY id LIMIT $3`,
          [id, cursor?.replaceAll('\0', '') ?? null, limit + 1],
        );
        const documents = rows.slice(0, limit).map(summaryOf);
        const last = documents.at(-1);
        return { documents, ...(rows.length > limit && last && { next: last.id }) };
      });
    },
    async delete(collection, id) {
      checkCollection(collection);
      checkId(id);
      return inTurn(collection, async (client) => {
        const row = await find(client, collection);
        return (await removeDocuments(client, schema, row.id, [id])).length > 0;
      });
    },
    retriever(collection, leg): Retriever<Passage> {
      checkCollection(collection);
      return {
        id: leg === 'bm25' ? 'bm25' : `dense:${embedder.id}`,
        async retrieve(query, asked) {
          checkRetrieval(query, asked);
          const groups = filterTags(asked.filter);
          const { signal, topK } = asked;
          const search = postgresErrors(async () => {
            // Embedded before a connection is taken: a model's time is not the database's.
            checkModels(await find(reads, collection), leg);
            const embedded = leg === 'dense' ? await embedder.embed([query], 'query', { signal }) : undefined;
            if (embedded) checkVectors(embedded.vectors, 1, embedder);
            // One snapshot for all that a search reads.
            return transaction(reads, 'REPEATABLE READ, READ ONLY', async (client) => {
              const row = await find(client, collection);
              checkModels(row, leg);
              if (embedded) return topK === 0 ? [] : searchVectors(client, schema, row, embedded.vectors[0]!, topK, groups);
              return searchWords(client, schema, row, analyze(query), topK, groups);
            });
          }, signal);
          return untilAborted(search, signal);
        },
      };
    },
    async version(collection) {
      checkCollection(collection);
      const { id, changed_by, indexed } = await postgresErrors(() => find(reads, collection));
      return [id, changed_by, indexed].join('.');
    },
    ...(tokenEmbedder && {
      encodings: (collection, documents, asked) =>
        postgresErrors(() => keptEncodings((ids) => encodingsOf(collection, ids), memory)(documents, asked), asked?.signal),
    }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface DocumentRow {
  readonly id: string;
  readonly title: string | null;
  readonly url: string | null;
  readonly metadata: Metadata | null;
  readonly chunks: number;
  readonly created_at: number;
}

const described = ({ title, url, metadata }: DocumentRow) => ({
  ...(title && { title }),
  ...(url && { url }),
  ...(metadata && { metadata }),
});

const summaryOf = (row: DocumentRow): DocumentSummary => ({ id: row.id, ...described(row), chunks: row.chunks, createdAt: row.created_at });
