import { ResiftError } from '@resift/core';
import type { Pool, PoolClient } from 'pg';

/** A name in SQL. */
export const quotedName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Which analyzer made the terms; they are no use to another one. */
export const ANALYZER = 'english@1';

/**
 * One step per version, each run once, in order, in one transaction with the note of it. Terms lie twice: as a `tsvector` whose GIN index finds
 * passages, and with their counts for BM25. `terms` and `collections` hold what BM25 needs to know of the whole, changed with the passages.
 */
const STEPS: readonly ((schema: string) => string)[] = [
  (schema) => `
    CREATE TABLE ${schema}.collections (
      id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      name text COLLATE "C" NOT NULL UNIQUE,
      embedder text NOT NULL,
      token_embedder text,
      analyzer text NOT NULL,
      dimensions integer NOT NULL,
      documents integer NOT NULL DEFAULT 0,
      chunks integer NOT NULL DEFAULT 0,
      words bigint NOT NULL DEFAULT 0);
    CREATE TABLE ${schema}.documents (
      collection integer NOT NULL REFERENCES ${schema}.collections ON DELETE CASCADE,
      id text COLLATE "C" NOT NULL,
      text text NOT NULL,
      title text,
      url text,
      metadata json,
      chunks integer NOT NULL,
      created_at double precision NOT NULL,
      PRIMARY KEY (collection, id));
    CREATE TABLE ${schema}.passages (
      collection integer NOT NULL,
      document_id text COLLATE "C" NOT NULL,
      position integer NOT NULL,
      id text COLLATE "C" NOT NULL,
      start_offset integer NOT NULL,
      end_offset integer NOT NULL,
      text text NOT NULL,
      tags text[] NOT NULL,
      terms tsvector NOT NULL,
      counts jsonb NOT NULL,
      words integer NOT NULL,
      vector vector NOT NULL,
      tokens bytea,
      PRIMARY KEY (collection, document_id, position),
      UNIQUE (collection, id),
      FOREIGN KEY (collection, document_id) REFERENCES ${schema}.documents ON DELETE CASCADE);
    CREATE INDEX passages_terms ON ${schema}.passages USING gin (terms);
    CREATE INDEX passages_tags ON ${schema}.passages USING gin (tags);
    CREATE TABLE ${schema}.terms (
      collection integer NOT NULL REFERENCES ${schema}.collections ON DELETE CASCADE,
      term text COLLATE "C" NOT NULL,
      passages integer NOT NULL,
      PRIMARY KEY (collection, term));`,
];

/** Brings a tenant's schema up to date. Running it again, or in many processes at once, changes nothing. */
export async function migrate(pool: Pool, name: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    // One lock for all schemas: the extension belongs to the whole database.
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('resift migrations', 0))`);
    await useExtension(client);
    const schema = quotedName(name);
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    await client.query(
      `CREATE TABLE IF NOT EXISTS ${schema}.migrations (version integer PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())`,
    );
    const { rows } = await client.query<{ version: number }>(`SELECT version FROM ${schema}.migrations`);
    const newest = Math.max(0, ...rows.map(({ version }) => version));
    if (newest > STEPS.length) {
      throw new ResiftError(
        'invalid_config',
        `The schema ${name} is of version ${newest}, made by a newer resift: expected at most ${STEPS.length}. Update this server.`,
      );
    }
    for (const [index, step] of STEPS.entries()) {
      if (index < newest) continue;
      await client.query(step(schema));
      await client.query(`INSERT INTO ${schema}.migrations (version) VALUES ($1)`, [index + 1]);
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

async function useExtension(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ installed_version: string | null }>(
    `SELECT installed_version FROM pg_available_extensions WHERE name = 'vector'`,
  );
  if (rows.length === 0) {
    throw new ResiftError(
      'invalid_config',
      'The PostgreSQL server has no pgvector: expected the extension "vector", at least 0.8. Install it on the server (Debian: postgresql-17-pgvector).',
    );
  }
  if (rows[0]!.installed_version !== null) return;
  await client.query('CREATE EXTENSION vector').catch((cause: unknown) => {
    throw new ResiftError(
      'invalid_config',
      'The database has no pgvector yet, and this user may not add it. Run `CREATE EXTENSION vector` in it as a superuser, once.',
      { cause },
    );
  });
}
