import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { openLanceStore } from '@resift/retrieval/stores/lancedb';
import { openPostgresStore } from '@resift/retrieval/stores/postgres';
import type { Ingestion } from '@resift/retrieval/stores/prepare-documents';
import type { Store } from '@resift/retrieval/stores/store';
import type { Config } from './config.ts';
import { insideFolder } from './inside-folder.ts';

type Where = Pick<Config, 'dataDir' | 'storeUrl' | 's3'> & Partial<Pick<Config, 'reader'>>;

/** The store of one tenant: a folder of its own in `dataDir`, a prefix of its own in the bucket, or a schema of its own in the database of `storeUrl`. */
export async function openStore({ dataDir, storeUrl, s3, reader = false }: Where, tenant: string, ingestion: Ingestion): Promise<Store> {
  if (storeUrl === undefined || s3) {
    const directory = await insideFolder(dataDir, tenant);
    if (!s3) return openLanceStore({ ...ingestion, directory, lock: !reader });
    const url = `${storeUrl?.replace(/\/+$/, '')}/${tenant}`;
    // A folder for each bucket: two servers of two buckets may share one RESIFT_DATA_DIR.
    const own = join(directory, createHash('sha256').update(url).digest('hex').slice(0, 16));
    return openLanceStore({ ...ingestion, directory: own, s3: { ...s3, url }, lock: !reader });
  }
  return openPostgresStore({ ...ingestion, url: storeUrl, schema: schemaOf(tenant) });
}

/** Rejects where the stores cannot be reached now. */
export async function reachStores({ dataDir, storeUrl }: Where, stores: ReadonlyMap<string, Store>): Promise<void> {
  await Promise.all([...stores].map(([tenant, store]) => (storeUrl === undefined ? access(join(dataDir, tenant)) : store.collections())));
}

/** PostgreSQL cuts names at 63 bytes, and two tenants must never share one. */
export function schemaOf(tenant: string): string {
  const name = `resift_${tenant}`;
  return name.length <= 63 ? name : `${name.slice(0, 46)}_${createHash('sha256').update(tenant).digest('hex').slice(0, 16)}`;
}
