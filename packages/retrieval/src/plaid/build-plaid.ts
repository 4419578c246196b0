import { mkdir } from 'node:fs/promises';
import { isResiftError, type TokenEmbedder } from '@resift/core';
import { lockDirectory } from '../stores/lock.ts';
import { checkBuildOptions, checkPlaidDocuments } from './check-plaid.ts';
import type { Bits } from './codec.ts';
import { type Disk, openDisk } from './disk.ts';
import { makeIndex, type PlaidProgress } from './make-index.ts';
import { commitManifest, freshGeneration, type Manifest, readManifest, removeLeftovers } from './manifest.ts';
import type { PlaidDocument } from './pack-documents.ts';
import type { Multiply } from './products.ts';

export interface PlaidOptions {
  /** Bits for each number of a token vector. Default 4; 2 and 1 make the index smaller and the scores less exact. */
  readonly bits?: Bits | undefined;
  /** Keeps two more bits for each number, read only for the best candidates, whose scores then are nearly exact; a sixteenth of the vectors as float32 more on disk. Default true with 4 bits, else false. */
  readonly refine?: boolean | undefined;
  /** Most centroids; there are about 16 √tokens of them, a power of two. Default 8,192. */
  readonly centroids?: number | undefined;
  /** The same documents, options and seed give the same index. Default 1. */
  readonly seed?: number | undefined;
  /** A faster matrix product for training. Default: this package's own. */
  readonly multiply?: Multiply | undefined;
}

export interface BuildPlaid<D extends PlaidDocument> {
  /** Holds nothing else. An index that is there already is replaced when the new one is complete. */
  readonly directory: string;
  readonly embedder: TokenEmbedder;
  /** Ids must be unique. */
  readonly documents: readonly D[];
  /** What is encoded of a document. Default: its title, where it has one, and its text. */
  readonly textOf?: ((document: D) => string) | undefined;
  readonly options?: PlaidOptions | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: PlaidProgress) => void) | undefined;
}

/**
 * Builds an index of token vectors on disk (PLAID, Santhanam et al. 2022), to be opened with `openPlaid`. A crash or an abort at any moment leaves
 * what was there before. Rejects with `conflict` while somebody else has the directory open for writing. Takes about 250 MB of memory besides the documents.
 */
export async function buildPlaid<D extends PlaidDocument>(build: BuildPlaid<D>): Promise<Manifest> {
  return buildOn(openDisk(build.directory), build);
}

/** What is encoded of a document where nothing else is said. */
export function titleAndText({ title, text }: PlaidDocument): string {
  return title ? `${title}\n${text}` : text;
}

/** @internal The same on a disk that a test may stop. */
export async function buildOn<D extends PlaidDocument>(disk: Disk, build: BuildPlaid<D>): Promise<Manifest> {
  const { directory, embedder, documents, textOf = titleAndText, options = {}, signal, onProgress } = build;
  const { bits = 4, refine = bits === 4, centroids = 8_192, seed = 1, multiply } = options;
  checkBuildOptions({ bits, centroids, seed });
  checkPlaidDocuments(documents);
  signal?.throwIfAborted();
  await mkdir(directory, { recursive: true });
  const lock = await lockDirectory(directory);
  try {
    const before = await readManifest(disk).catch((error: unknown) => {
      if (isResiftError(error, 'corrupt')) return undefined; // which is a reason to build
      throw error;
    });
    const generation = await freshGeneration(disk, before);
    const settings = { bits, refine, seed, mostCentroids: centroids, multiply };
    const manifest = await makeIndex(disk, generation, documents, { embedder, textOf, ...settings, signal, onProgress });
    signal?.throwIfAborted();
    await commitManifest(disk, manifest);
    await removeLeftovers(disk, manifest);
    return manifest;
  } finally {
    await lock.release();
  }
}
