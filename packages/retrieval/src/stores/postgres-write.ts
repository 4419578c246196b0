import type { PoolClient } from 'pg';
import type { Analyzer } from '../analyze.ts';
import { metadataTags } from '../filter.ts';
import { type PreparedDocument, searchText } from './prepare-documents.ts';

/**
 * Puts documents into a collection inside the caller's transaction, and gives back which of them replaced another. The numbers that BM25 needs
 * change with them, so that a deleted document leaves no trace.
 */
export async function writeDocuments(
  client: PoolClient,
  schema: string,
  collection: number,
  documents: readonly PreparedDocument[],
  analyze: Analyzer,
): Promise<boolean[]> {
  const replaced = new Set(
    await removeDocuments(
      client,
      schema,
      collection,
      documents.map(({ id }) => id),
    ),
  );
  const rows = documents.map(({ id, text, title, url, metadata, passages, createdAt }) => ({
    id,
    text,
    title,
    url,
    metadata,
    chunks: passages.length,
    created_at: createdAt,
  }));
  await client.query(
    `INSERT INTO ${schema}.documents (collection, id, text, title, url, metadata, chunks, created_at)
     SELECT $1, id, text, title, url, metadata, chunks, created_at
     FROM json_to_recordset($2) AS new(id text, text text, title text, url text, metadata json, chunks int, created_at double precision)`,
    [collection, JSON.stringify(rows)],
  );
  const passages = documents.flatMap((document) => passageRows(document, analyze));
  await client.query(
    `WITH new AS (
       SELECT * FROM json_to_recordset($2) AS new(document_id text, position int, id text, start_offset int, end_offset int, text text,
         tags json, counts jsonb, words int, vector text, tokens text)),
     stored AS (
       INSERT INTO ${schema}.passages
         (collection, document_id, position, id, start_offset, end_offset, text, tags, terms, counts, words, vector, tokens)
       SELECT $1, document_id, position, id, start_offset, end_offset, text, ARRAY(SELECT json_array_elements_text(tags)),
         array_to_tsvector(ARRAY(SELECT jsonb_object_keys(counts))), counts, words, vector::vector, decode(tokens, 'base64')
       FROM new),
     known AS (
       INSERT INTO ${schema}.terms AS t (collection, term, passages)
       SELECT $1, term, count(*) FROM new, jsonb_object_keys(counts) AS term GROUP BY term
       ON CONFLICT (collection, term) DO UPDATE SET passages = t.passages + excluded.passages)
     UPDATE ${schema}.collections SET documents = documents + $3, chunks = chunks + $4, words = words + $5 WHERE id = $1`,
    [collection, JSON.stringify(passages), documents.length, passages.length, passages.reduce((sum, { words }) => sum + words, 0)],
  );
  return documents.map(({ id }) => replaced.has(id));
}

/** Gives back the ids of those that were there. */
export async function removeDocuments(
  client: PoolClient,
  schema: string,
  collection: number,
  ids: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await client.query<{ id: string }>(
    `WITH gone AS (DELETE FROM ${schema}.passages WHERE collection = $1 AND document_id = ANY ($2) RETURNING counts, words),
     forgotten AS (
       UPDATE ${schema}.terms SET passages = passages - n
       FROM (SELECT term, count(*)::int AS n FROM gone, jsonb_object_keys(counts) AS term GROUP BY term) AS less
       WHERE collection = $1 AND terms.term = less.term),
     documents AS (DELETE FROM ${schema}.documents WHERE collection = $1 AND id = ANY ($2) RETURNING id),
     counted AS (
       UPDATE ${schema}.collections SET documents = documents - (SELECT count(*) FROM documents),
         chunks = chunks - (SELECT count(*) FROM gone), words = words - (SELECT coalesce(sum(words), 0) FROM gone)
       WHERE id = $1)
     SELECT id FROM documents`,
    [collection, ids],
  );
  return rows.map(({ id }) => id);
}

function passageRows({ id, passages, metadata, vectors, packed }: PreparedDocument, analyze: Analyzer) {
  const tags = metadataTags(metadata);
  return passages.map((passage, position) => {
    const found = analyze(searchText(passage));
    const counts = new Map<string, number>();
    for (const term of found) counts.set(term, (counts.get(term) ?? 0) + 1);
    return {
      document_id: id,
      position,
      id: passage.id,
      start_offset: passage.start,
      end_offset: passage.end,
      text: passage.text,
      tags,
      // Object.fromEntries defines own properties: the word `__proto__` is a word like others.
      counts: Object.fromEntries(counts),
      words: found.length,
      vector: vectorText(vectors[position]!),
      ...(packed && { tokens: Buffer.from(packed[position]!).toString('base64') }),
    };
  });
}

/** A vector as pgvector reads it. */
export const vectorText = (vector: Float32Array): string => `[${vector.join(',')}]`;
