import { isResiftError, ResiftError, type TokenEmbedder } from '@resift/core';
import { openDisk } from '../plaid/disk.ts';
import { readManifest } from '../plaid/manifest.ts';
import { openPlaid } from '../plaid/open-plaid.ts';
import type { PlaidIndex } from '../plaid/plaid-index.ts';
import type { FollowedFolder } from './followed-folder.ts';
import type { LateDisk } from './late-disk.ts';

/**
 * The index of one collection for a process that does not write it. It stays the one that was opened: a change is always refused, but looks whether there is a newer index, and `onNewer`
 * is called when there is one.
 */
export function openFollowedDisk(folder: FollowedFolder, embedder: TokenEmbedder, onNewer: () => void): LateDisk {
  const { directory } = folder;
  let index: PlaidIndex | undefined;
  /** The newest manifest that was opened, or told of. */
  let seen: string | undefined;

  /** What is in the folder; undefined where that is nothing of use. */
  async function newest(): Promise<string | undefined> {
    try {
      const manifest = await readManifest(openDisk(directory));
      return manifest && JSON.stringify(manifest);
    } catch (error) {
      if (!isResiftError(error, 'corrupt') && !isResiftError(error, 'invalid_config')) throw error;
      if (isResiftError(error, 'corrupt')) await folder.discard();
      return undefined;
    }
  }

  async function close() {
    const last = index;
    index = undefined;
    await last?.close();
  }

  async function discard() {
    await close();
    seen = undefined;
    await folder.discard();
  }

  return {
    get size() {
      return index?.stats().documents ?? 0;
    },
    async open(signal) {
      // Where nothing was ever fetched, nobody waits for that: a search of many passages says that they are not there yet.
      if ((await newest()) === undefined) return new Set();
      await folder.fetch(signal).catch(() => signal.throwIfAborted()); // what is here is good, too
      seen = await newest();
      try {
        index = await openPlaid(directory, { embedder, readOnly: true });
        return new Set(await index.ids());
      } catch (error) {
        if (isResiftError(error, 'corrupt')) await discard();
        else if (!isResiftError(error, 'not_found') && !isResiftError(error, 'invalid_config')) throw error;
        return new Set();
      }
    },
    async change(add, _remove, signal) {
      const failure = await folder.fetch(signal).catch((error: unknown) => {
        signal.throwIfAborted();
        return error;
      });
      const now = await newest();
      if (now !== undefined && now !== seen) onNewer();
      seen = now;
      throw new ResiftError(
        'unavailable',
        `The index that this reader follows lacks ${add.length} passages: expected its writer to add them.`,
        {
          details: { reason: 'building', left: add.length },
          cause: failure,
        },
      );
    },
    discard,
    find: async (query, options) => index?.find(query, options) ?? [],
    close,
  };
}
