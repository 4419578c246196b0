import type { Closable, Reranker } from '@resift/core';
import { type ModelsOptions, openModels, type RerankerSize } from './open-models.ts';

export interface LocalRerankerOptions extends ModelsOptions {
  /** Default `cascade`: nearly the quality of `mini` in a fraction of its time. */
  readonly size?: RerankerSize | undefined;
}

/** A reranker that needs no key, no server and no download. Scores are calibrated probabilities, with a label in words. */
export async function localReranker({
  size = 'cascade',
  ...options
}: LocalRerankerOptions = {}): Promise<Reranker<'probability'> & Closable> {
  const models = await openModels(options);
  const reranker = await models.reranker(size);
  return { ...reranker, close: models.close, [Symbol.asyncDispose]: models.close };
}
