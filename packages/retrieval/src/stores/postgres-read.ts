import type { Metadata, Passage, Scored } from '@resift/core';
import type { PoolClient } from 'pg';
import type { TagGroups } from '../lexical-index.ts';
import { vectorText } from './postgres-write.ts';

interface PassageRow {
  readonly id: string;
  readonly document_id: string;
  readonly start_offset: number;
  readonly end_offset: number;
  readonly text: string;
  readonly title: string | null;
  readonly url: string | null;
  readonly metadata: Metadata | null;
  readonly score: number;
}

export interface Counted {
  readonly id: number;
  readonly chunks: number;
  readonly words: number;
}

const K1 = 1.2;
const B = 0.75;
/** Asked for beyond the end, so that equal passages at the end are taken by id, not by chance. */
const TIES = 16;
const COLUMNS = 'p.id, p.document_id, p.start_offset, p.end_offset, p.text, d.title, d.url, d.metadata, f.score';

/**
 * BM25 as `lexical-index.ts` counts it. Passages with a rare term of the query are scored first: once the worst of the best has more than
 * all common terms together can give, no other passage can be among them (MaxScore: Turtle & Flood 1995). The result is exact.
 */
export async function searchWords(
  client: PoolClient,
  schema: string,
  { id, chunks, words }: Counted,
  terms: readonly string[],
  topK: number,
  groups: TagGroups,
): Promise<Scored<Passage>[]> {
  const known = await client.query<{ term: string; passages: number }>(
    `SELECT term, passages FROM ${schema}.terms WHERE collection = $1 AND term = ANY ($2) AND passages > 0`,
    [id, [...new Set(terms)]],
  );
  const rarity = (passages: number) => Math.log(1 + (chunks - passages + 0.5) / (passages + 0.5));
  // A term that is twice in the query counts twice.
  const asked = known.rows
    .map(({ term, passages }) => ({ term, passages, weight: terms.filter((one) => one === term).length * rarity(passages) }))
    .sort((a, b) => a.passages - b.passages || (a.term < b.term ? -1 : 1));
  if (asked.length === 0 || topK === 0) return [];

  const score = async (essential: number) => {
    const query = asked
      .slice(0, essential)
      .map(({ term }) => `'${term.replaceAll("'", "''")}'`)
      .join(' | ');
    const { rows } = await client.query<PassageRow>(
      `SELECT ${COLUMNS} FROM (
         SELECT collection, document_id, position, id, (
           SELECT sum(q.weight * t.n / (t.n + ${K1} * (1 - ${B} + ${B} * words / $5::float8)))
           FROM unnest($3::text[], $4::float8[]) AS q(term, weight), LATERAL (SELECT (counts ->> q.term)::float8 AS n) AS t WHERE t.n IS NOT NULL
         ) AS score
         FROM ${schema}.passages WHERE collection = $1 AND terms @@ $2::tsquery ${tagged(groups, 7)}
         ORDER BY score DESC, id LIMIT $6) AS f
       JOIN ${schema}.passages p USING (collection, document_id, position)
       JOIN ${schema}.documents d ON d.collection = f.collection AND d.id = f.document_id
       ORDER BY f.score DESC, p.id`,
      [id, query, asked.map(({ term }) => term), asked.map(({ weight }) => weight), words / chunks, topK, ...groups],
    );
    return rows;
  };

  const rare = asked.findIndex(({ passages }) => passages > COMMON * chunks);
  if (rare > 0) {
    const rows = await score(rare);
    const rest = asked.slice(rare).reduce((sum, { weight }) => sum + weight, 0);
    if (rows.length === topK && rows.at(-1)!.score > rest) return rows.map(scored);
  }
  return (await score(asked.length)).map(scored);
}

/** A term in a larger share of the passages is common. */
const COMMON = 0.02;

/** The nearest by inner product: exact, or through the collection's index, which looks at `looked` passages. A filter makes it exact. */
export async function searchVectors(
  client: PoolClient,
  schema: string,
  collection: { readonly id: number; readonly dimensions: number; readonly indexed: boolean },
  vector: Float32Array,
  topK: number,
  groups: TagGroups,
): Promise<Scored<Passage>[]> {
  const { id, dimensions, indexed } = collection;
  const limit = topK + TIES;
  const throughIndex = indexed && groups.length === 0;
  if (throughIndex) await client.query(`SET LOCAL hnsw.ef_search = ${Math.min(1_000, Math.max(200, 2 * limit))}`);
  const column = throughIndex ? `vector::vector(${dimensions})` : 'vector';
  // Without an index's expression in it, the order cannot come from an index: the search is exact.
  const near = `
    SELECT collection, document_id, position, -(${column} <#> $1::vector(${dimensions})) AS score
    FROM ${schema}.passages WHERE collection = ${id} ${tagged(groups, 2)}
    ORDER BY ${column} <#> $1::vector(${dimensions})${throughIndex ? '' : ', id'} LIMIT ${limit}`;
  const { rows } = await client.query<PassageRow>(
    `SELECT ${COLUMNS} FROM (${near}) AS f
     JOIN ${schema}.passages p USING (collection, document_id, position)
     JOIN ${schema}.documents d ON d.collection = f.collection AND d.id = f.document_id
     ORDER BY f.score DESC, p.id LIMIT ${topK}`,
    [vectorText(vector), ...groups],
  );
  return rows.map(scored);
}

/** Every group must share a tag with the passage, in the query itself. */
const tagged = (groups: TagGroups, first: number) => groups.map((_, i) => `AND tags && $${first + i}::text[]`).join(' ');

function scored({ id, document_id, start_offset, end_offset, text, title, url, metadata, score }: PassageRow): Scored<Passage> {
  return {
    document: {
      id,
      documentId: document_id,
      text,
      start: start_offset,
      end: end_offset,
      ...(title && { title }),
      ...(url && { url }),
      ...(metadata && { metadata }),
    },
    score,
  };
}
