import { promisify } from 'node:util';
import { gunzipSync, gzip } from 'node:zlib';
import { ResiftError } from '@resift/core';
import type { Ingest } from '../ingest-body.ts';

/** An ingest as it lies in Redis until its job has ended. */
export async function packIngest({ collection, documents, bytes, sanitized }: Ingest): Promise<Buffer> {
  return promisify(gzip)(JSON.stringify({ collection, documents, bytes, sanitized: [...sanitized] }), { level: 1 });
}

/** Throws `corrupt` where it is gone or is none: that job cannot be done any more. */
export function unpackIngest(payload: Buffer | undefined): Ingest {
  try {
    if (!payload) throw new TypeError('nothing there');
    const { collection, documents, bytes, sanitized } = JSON.parse(gunzipSync(payload).toString()) as Record<string, unknown>;
    if (typeof collection !== 'string' || !Array.isArray(documents) || !Array.isArray(sanitized)) throw new TypeError('not an ingest');
    return { collection, documents, bytes: Number(bytes), sanitized: new Map(sanitized) };
  } catch (cause) {
    throw new ResiftError('corrupt', 'The documents of this job are no longer in Redis, or were changed. Send them again.', { cause });
  }
}
