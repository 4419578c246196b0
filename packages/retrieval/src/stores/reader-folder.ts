import { join } from 'node:path';
import { isResiftError } from '@resift/core';
import { type DirectoryLock, lockDirectory } from './lock.ts';

export interface ReaderFolder extends Pick<DirectoryLock, 'release'> {
  readonly directory: string;
}

const MOST = 64;

/** A folder in this one that no other process uses: several readers, and the writer, may have been given the same. What the last one left there is found again. */
export async function readerFolder(folder: string): Promise<ReaderFolder> {
  for (let number = 0; ; number++) {
    const directory = join(folder, `reader-${number}`);
    try {
      const { release } = await lockDirectory(directory);
      return { directory, release };
    } catch (error) {
      if (!isResiftError(error, 'conflict') || number === MOST) throw error;
    }
  }
}
