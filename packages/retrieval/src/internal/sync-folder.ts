import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Makes what a library wrote into a folder survive a loss of power: flushes every file that was not there before, then the folders that
 * got one. `known` is what was flushed earlier; LanceDB never changes a file once it is written.
 */
export async function syncFolder(folder: string, known: Set<string>): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  let grown = false;
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!known.has(path)) grown = true;
      await syncFolder(path, known);
    } else if (!known.has(path)) {
      grown = true;
      await syncEntry(path);
    } else continue;
    known.add(path);
  }
  if (grown) await syncEntry(folder);
}

/** Flushes one file, or the list of names of one folder. */
export async function syncEntry(path: string): Promise<void> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined; // an old version that was cleaned up in between
    throw error;
  });
  if (!file) return;
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
