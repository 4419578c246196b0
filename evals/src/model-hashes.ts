import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ResiftError } from '@resift/core';

export interface ModelHashes {
  /** SHA-256 by file, as the manifest states them. */
  readonly files: Readonly<Record<string, string>>;
  /** Of the manifest itself: it changes with any weight, threshold or calibration. */
  readonly manifest: string;
  readonly version: string;
}

/** Which models a result was made with. A folder without a manifest is `not_found`. */
export async function modelHashes(folder: string): Promise<ModelHashes> {
  const path = join(folder, 'manifest.json');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ResiftError('not_found', `There is no ${path}: experiments need the trained models.`, { cause });
  });
  const { files = {}, version = 'unknown' } = JSON.parse(text) as { files?: Record<string, { sha256: string }>; version?: string };
  return {
    files: Object.fromEntries(Object.entries(files).map(([name, { sha256 }]) => [name, sha256])),
    manifest: createHash('sha256').update(text).digest('hex'),
    version,
  };
}
