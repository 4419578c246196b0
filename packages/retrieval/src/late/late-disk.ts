import { rm } from 'node:fs/promises';
import { isResiftError, type TokenEmbedder } from '@resift/core';
import { buildPlaid } from '../plaid/build-plaid.ts';
import { openPlaid } from '../plaid/open-plaid.ts';
import type { FindOptions, PlaidIndex } from '../plaid/plaid-index.ts';
import { keptEmbedder, plaidDocument } from './kept-embedder.ts';
import type { LateEntry } from './late-entry.ts';

/** The PLAID index of one collection: made when it is first needed, made anew where it is damaged or of another model. */
export interface LateDisk {
  /** Documents in it. */
  readonly size: number;
  /** Opens what is there. Gives back the versions in it, none where there is nothing usable. */
  open(signal: AbortSignal): Promise<Set<string>>;
  /** Takes out and brings in. Gives back all versions that are in it then. */
  change(add: readonly LateEntry[], remove: readonly string[], signal: AbortSignal): Promise<Set<string>>;
  /** Removes what is there. */
  discard(): Promise<void>;
  find(query: Float32Array, options: FindOptions): Promise<readonly { readonly id: string; readonly score: number }[]>;
  close(): Promise<void>;
}

export interface LateDiskOptions {
  readonly directory: string;
  readonly embedder: TokenEmbedder;
  /** Packed token vectors by passage id. */
  readonly packed: (ids: readonly string[]) => Promise<ReadonlyMap<string, Uint8Array>>;
  /** Called when there is an index in the directory that may not be the one before. */
  readonly onChange?: (() => void) | undefined;
  /** Brings an index that was made elsewhere into the directory, if there is one, so that it need not be made again. */
  readonly fetch?: ((signal: AbortSignal) => Promise<void>) | undefined;
}

/** More describe the tokens better, and take longer to find. Scores are not refined: those that come out are compared once more with what the store keeps. */
const CENTROIDS = 2_048;

/** For the one process that writes it. */
export function openLateDisk({ directory, embedder, packed, onChange, fetch }: LateDiskOptions): LateDisk {
  const kept = keptEmbedder(embedder, packed);
  let index: PlaidIndex | undefined;
  let fetched = false;

  async function open(): Promise<Set<string>> {
    try {
      index = await openPlaid(directory, { embedder: kept });
      onChange?.();
      return new Set(await index.ids());
    } catch (error) {
      if (isResiftError(error, 'not_found')) return new Set();
      if (!isResiftError(error, 'corrupt') && !isResiftError(error, 'invalid_config')) throw error;
      await discard();
      return new Set();
    }
  }

  async function discard() {
    await close();
    await rm(directory, { recursive: true, force: true });
  }

  async function close() {
    const last = index;
    index = undefined;
    await last?.close();
  }

  return {
    get size() {
      return index?.stats().documents ?? 0;
    },
    open,
    async change(add, remove, signal) {
      const documents = add.map(plaidDocument);
      if (!index && fetch && !fetched) {
        fetched = true;
        await fetch(signal).catch(() => signal.throwIfAborted()); // then it is made again
        const versions = await open();
        if (versions.size > 0) return versions;
        if (!index) await discard(); // what was fetched in part
      }
      if (!index) {
        await buildPlaid({ directory, embedder: kept, documents, options: { centroids: CENTROIDS, refine: false }, signal });
        return open();
      }
      if (remove.length > 0) await index.remove(remove, { signal });
      if (documents.length > 0) await index.add(documents, { signal });
      if (index.stats().outgrown) await index.retrain({ signal });
      onChange?.();
      return new Set(await index.ids());
    },
    discard,
    find: async (query, options) => index?.find(query, options) ?? [],
    close,
  };
}
