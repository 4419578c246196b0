import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Finishes or undoes the swaps of tables that a crash interrupted in a folder. The old table is moved away only when the new one is whole. */
export async function finishSwaps(directory: string, { fresh, old }: { readonly fresh: string; readonly old: string }): Promise<void> {
  const folders = new Set(await readdir(directory));
  for (const folder of folders) {
    const name = folder.endsWith(`${fresh}.lance`) ? folder.slice(0, -`${fresh}.lance`.length) : undefined;
    if (name === undefined) continue;
    if (folders.has(`${name}.lance`)) await rm(join(directory, folder), { recursive: true, force: true });
    else await rename(join(directory, folder), join(directory, `${name}.lance`));
  }
  for (const folder of folders) {
    if (folder.endsWith(`${old}.lance`)) await rm(join(directory, folder), { recursive: true, force: true });
  }
}
