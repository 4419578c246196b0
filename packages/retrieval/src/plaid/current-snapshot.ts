import { isResiftError, ResiftError } from '@resift/core';
import type { Disk } from './disk.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { openSnapshot, type Snapshot } from './snapshot.ts';

const ROUNDS = 20;

/** Opens the index as it is now, even while another process changes it. `not_found` where there is none; `check` may refuse it. */
export async function currentSnapshot(disk: Disk, check: (manifest: Manifest) => void): Promise<Snapshot> {
  for (let round = 1; ; round++) {
    const manifest = await existingManifest(disk);
    check(manifest);
    try {
      return await openSnapshot(disk, manifest);
    } catch (error) {
      // A file may be gone because a writer has just replaced it; then there is another manifest.
      const moved = isResiftError(error, 'corrupt') && (await existingManifest(disk)).generation !== manifest.generation;
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
