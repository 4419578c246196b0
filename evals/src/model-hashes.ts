import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ResiftError } from '@resift/core';

export interface ModelHashes {
  /** SHA-256 by file, as the manifest states them. */
  readonly files: Readonly<Record<string, string>>;
  /** Of the manifest itself: it changes with any weight, threshold or calibration. */
  readonly manifest: string;
  /** Of everything that the reader and the judge of groundedness depend on, and of nothing that only rankers do. */
  readonly readers: string;
  readonly version: string;
}

/** Which models a result was made with. A folder without a manifest is `not_found`. */
export async function modelHashes(folder: string): Promise<ModelHashes> {
  const path = join(folder, 'manifest.json');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ResiftError('not_found', `There is no ${path}: experiments need the trained models.`, { cause });
  });
  const manifest = JSON.parse(text) as { files?: Record<string, { sha256: string }>; version?: string } & Record<string, unknown>;
  const { files = {}, version = 'unknown', vocab, lexicon, readers, ground } = manifest;
  const named = [...Object.values(readers ?? {}), ...Object.values(ground ?? {})].map(({ file }: { file: string }) => files[file]);
  return {
    files: Object.fromEntries(Object.entries(files).map(([name, { sha256 }]) => [name, sha256])),
    manifest: hashOf(text),
    readers: hashOf(JSON.stringify([version, vocab, lexicon, readers, ground, named])),
    version,
  };
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
