import { type Embedder, ResiftError, type TokenEmbedder } from '@resift/core';
import type { Pool, PoolClient } from 'pg';
import { ANALYZER, quotedName } from './postgres-schema.ts';

/** A collection as its schema tells of it. */
export interface CollectionRow {
  readonly id: number;
  readonly name: string;
  readonly embedder: string;
  readonly token_embedder: string | null;
  readonly analyzer: string;
  readonly dimensions: number;
  readonly documents: number;
  readonly chunks: number;
  readonly words: number;
  readonly indexed: boolean;
  /** The transaction that changed it last: every change of its documents counts them in its row. */
  readonly changed_by: string;
}

/** The collections of one schema. */
export interface CollectionTable {
  /** Rejects with `not_found`. */
  find(client: PoolClient | Pool, collection: string): Promise<CollectionRow>;
  /** In the order of names, without those that are being built. */
  list(client: PoolClient | Pool): Promise<readonly CollectionRow[]>;
  /** Makes it where there is none. */
  created(client: PoolClient, collection: string): Promise<CollectionRow>;
  /** Throws `invalid_config` where another model made what a leg needs. */
  checkModels(row: CollectionRow, leg: 'any' | 'bm25' | 'dense'): void;
}

/** No name that a caller may give holds two dots in a row. */
export const BUILDING = '..new';

/** The name of a collection's index over vectors. */
export const vectorIndexOf = (id: number): string => `passages_vector_${id}`;

export function collectionTable(
  name: string,
  { embedder, tokenEmbedder }: { readonly embedder: Embedder; readonly tokenEmbedder?: TokenEmbedder | undefined },
): CollectionTable {
  const schema = quotedName(name);
  const rowOf = `SELECT c.*, c.words::float8 AS words, c.xmin::text AS changed_by, EXISTS (
      SELECT FROM pg_index i JOIN pg_class k ON k.oid = i.indexrelid JOIN pg_namespace n ON n.oid = k.relnamespace
      WHERE n.nspname = '${name}' AND k.relname = '${vectorIndexOf(0).slice(0, -1)}' || c.id AND i.indisvalid) AS indexed
    FROM ${schema}.collections c`;

  async function find(client: PoolClient | Pool, collection: string): Promise<CollectionRow> {
    const { rows } = await client.query<CollectionRow>(`${rowOf} WHERE name = $1`, [collection]);
    if (rows[0]) return rows[0];
    throw new ResiftError('not_found', `There is no collection ${JSON.stringify(collection)}.`, { details: { collection } });
  }

  async function created(client: PoolClient, collection: string): Promise<CollectionRow> {
    await client.query(
      `INSERT INTO ${schema}.collections (name, embedder, token_embedder, analyzer, dimensions) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
      [collection, embedder.id, tokenEmbedder?.id ?? null, ANALYZER, embedder.dimensions],
    );
    return find(client, collection);
  }

  function checkModels({ name: collection, embedder: stored, analyzer }: CollectionRow, leg: 'any' | 'bm25' | 'dense') {
    const other = leg !== 'bm25' && stored !== embedder.id ? [stored, embedder.id] : undefined;
    const otherWords = leg !== 'dense' && analyzer !== ANALYZER ? [analyzer, ANALYZER] : undefined;
    const [made, used] = other ?? otherWords ?? [];
    if (made === undefined) return;
    throw new ResiftError(
      'invalid_config',
      `The ${other ? 'vectors' : 'terms'} of collection ${JSON.stringify(collection)} were made by ${made}, but what is in use is ${used}. Run \`resift reindex ${collection}\`, or use that model.`,
      { details: { reason: other ? 'embedder_mismatch' : 'analyzer_mismatch', collection, stored: made, used } },
    );
  }

  return {
    find,
    created,
    checkModels,
    async list(client) {
      return (await client.query<CollectionRow>(`${rowOf} WHERE name NOT LIKE '%${BUILDING}' ORDER BY name`)).rows;
    },
  };
}
