import { ResiftError } from '@resift/core';
import type { Pool, PoolClient } from 'pg';
import { postgresErrors } from './postgres-errors.ts';

export interface Pools {
  /** For searches: what takes longer than 2.5 s is given up, here and in the server. */
  readonly reads: Pool;
  readonly writes: Pool;
  close(): Promise<void>;
}

const CONNECT_MS = 1_000;

/** Connects once, so that a wrong URL stops the start. Rejects with `unavailable` where `pg` is not installed or nothing answers. */
export async function openPools(connectionString: string): Promise<Pools> {
  const { Pool } = await installed();
  const settings = { connectionString, connectionTimeoutMillis: CONNECT_MS, idleTimeoutMillis: 10_000, allowExitOnIdle: true };
  // The server's own limit does not hold where the connection hangs, so the client has one, too.
  const reads = new Pool({ ...settings, max: 10, statement_timeout: 2_500, query_timeout: 3_000, application_name: 'resift' });
  const writes = new Pool({ ...settings, connectionTimeoutMillis: 60_000, max: 4, application_name: 'resift-writer' });
  // An idle connection that breaks would end the process; the pool opens another one.
  reads.on('error', () => {});
  writes.on('error', () => {});
  let closed: Promise<unknown> | undefined;
  const close = async () => {
    closed ??= Promise.all([reads.end(), writes.end()]);
    await closed;
  };
  try {
    await postgresErrors(() => reads.query('SELECT 1'));
  } catch (error) {
    await close();
    throw error;
  }
  return { reads, writes, close };
}

/** Everything or nothing. A connection that failed in between is not used again. */
export async function transaction<T>(pool: Pool, mode: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // While it is ours, nobody else listens to it.
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  try {
    await client.query(`BEGIN ISOLATION LEVEL ${mode}`);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((cause: Error) => {
      broken = cause;
    });
    throw error;
  } finally {
    client.removeListener('error', onError);
    client.release(broken);
  }
}

async function installed(): Promise<Pick<typeof import('pg'), 'Pool'>> {
  try {
    return (await import('pg')).default;
  } catch (cause) {
    throw new ResiftError('unavailable', 'Expected the PostgreSQL driver to be installed. Run `npm install pg@8.23.1`.', { cause });
  }
}
