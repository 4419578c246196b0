import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ResiftError } from '@resift/core';
import { z } from 'zod';
import { fileSha256 } from './internal/file-sha256.ts';

/** A model that was downloaded. */
export interface CachedModel {
  readonly model: string;
  readonly revision: string;
  readonly endpoint: string;
  readonly folder: string;
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

/** What was downloaded, from where, and its checksums: the last file that is written. */
const RECORD = 'resift-model.json';

const schema = z.object({
  model: z.string(),
  revision: z.string(),
  endpoint: z.string(),
  files: z.array(z.object({ path: z.string(), bytes: z.int().min(0), sha256: z.string() })),
});

/** The record of a folder that was downloaded completely. Throws `corrupt` where it cannot be read. */
export async function readRecord(folder: string): Promise<CachedModel | undefined> {
  const text = await readFile(join(folder, RECORD), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return { ...schema.parse(JSON.parse(text)), folder };
  } catch (cause) {
    throw new ResiftError('corrupt', `${join(folder, RECORD)} cannot be read: delete the folder and download the model again.`, { cause });
  }
}

/** Last, and at once: a folder without a record is not complete. */
export async function writeRecord({ folder, ...record }: CachedModel): Promise<void> {
  const fresh = join(folder, `${RECORD}.${randomUUID()}`);
  await writeFile(fresh, `${JSON.stringify(record, null, 2)}\n`);
  await rename(fresh, join(folder, RECORD));
}

/** The models in a cache folder, by name. */
export async function cachedModels(cacheFolder: string): Promise<CachedModel[]> {
  const found: CachedModel[] = [];
  for (const name of (await names(cacheFolder)).sort()) {
    for (const revision of (await names(join(cacheFolder, name))).sort()) {
      const record = await readRecord(join(cacheFolder, name, revision));
      if (record) found.push(record);
    }
  }
  return found;
}

const names = (folder: string): Promise<string[]> =>
  readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });

/** The paths of the files that are not what was downloaded: missing, of another size, or changed. */
export async function damagedFiles({ folder, files }: CachedModel): Promise<string[]> {
  const damaged: string[] = [];
  for (const { path, bytes, sha256 } of files) {
    const file = join(folder, path);
    const size = (await stat(file).catch(() => undefined))?.size;
    if (size !== bytes || (await fileSha256(file)) !== sha256) damaged.push(path);
  }
  return damaged;
}
