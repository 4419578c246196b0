import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Closable, Reranker } from '@resift/core';
import { folderReranker } from './cross-encoder-reranker.ts';
import { type ModelsOptions, openModels, type RerankerSize } from './open-models.ts';

export interface LocalRerankerOptions extends ModelsOptions {
  /** Default `cascade`: nearly the quality of `mini` in a fraction of its time. */
  readonly size?: RerankerSize | undefined;
  /** Default: the models inside `@resift/models-en`. A folder with a `config.json` instead of a manifest is opened as a cross-encoder (`folderReranker`). */
  readonly folder?: string | undefined;
}

/** A reranker that needs no key, no server and no download. Scores are calibrated probabilities, with a label in words. */
export async function localReranker({
  size = 'cascade',
  ...options
}: LocalRerankerOptions = {}): Promise<Reranker<'probability'> & Closable> {
  const { folder, workers } = options;
  if (folder !== undefined && (await isCrossEncoder(folder))) return folderReranker(folder, { workers });
  const models = await openModels(options);
  const reranker = await models.reranker(size);
  return { ...reranker, close: models.close, [Symbol.asyncDispose]: models.close };
}

async function isCrossEncoder(folder: string): Promise<boolean> {
  const has = (name: string) =>
    access(join(folder, name)).then(
      () => true,
      () => false,
    );
  return !(await has('manifest.json')) && has('config.json');
}
