import { isResiftError, ResiftError } from '@resift/core';
import type { Disk } from './disk.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { openSnapshot, type Snapshot } from './snapshot.ts';

const ROUNDS = 20;

/** Opens the index as it is now, even while another process changes it. `not_found` where there is none; `check` may refuse it. */
export async function currentSnapshot(disk: Disk, check: (manifest: Manifest) => void): Promise<Snapshot> {
  return openCurrent(
    () => existingManifest(disk),
    (manifest) => {
      check(manifest);
      return openSnapshot(disk, manifest);
    },
  );
}

/** Opens what the manifest of this moment names; where a file is gone because a writer has just replaced it, what the next one names. */
export async function openCurrent<M extends Manifest | undefined, T>(
  read: () => Promise<M>,
  open: (manifest: M) => Promise<T>,
): Promise<T> {
  for (let round = 1; ; round++) {
    const manifest = await read();
    try {
      return await open(manifest);
    } catch (error) {
      const moved = isResiftError(error, 'corrupt') && (await read())?.generation !== manifest?.generation;
      if (!moved || round === ROUNDS) throw error;
    }
  }
}

export async function existingManifest(disk: Disk): Promise<Manifest> {
  const manifest = await readManifest(disk);
  if (manifest) return manifest;
  throw new ResiftError('not_found', `There is no index in ${disk.directory}: build one with buildPlaid.`, {
    details: { directory: disk.directory },
  });
}
