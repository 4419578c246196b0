import { createHash, timingSafeEqual } from 'node:crypto';

/** One API key. Only its SHA-256 is kept. */
export interface Key {
  readonly tenant: string;
  readonly sha256: Buffer;
}

/** A tenant names a folder on disk, so only these characters. */
export const TENANT: RegExp = /^[a-z0-9][a-z0-9_-]{0,62}$/;

export const keyOf = (tenant: string, key: string): Key => ({ tenant, sha256: digest(key) });

/** The tenant whose key this is. Compares with every key in constant time, so that timing tells nothing about any of them. */
export function tenantOf(keys: readonly Key[], presented: string): string | undefined {
  const sha256 = digest(presented);
  let tenant: string | undefined;
  for (const key of keys) if (timingSafeEqual(key.sha256, sha256)) tenant = key.tenant;
  return tenant;
}

const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();
