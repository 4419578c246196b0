import { mkdir, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { ResiftError } from '@resift/core';

/**
 * Makes the folder of a tenant and gives its path. Throws `invalid_config` where it, or a table in it, is a link to somewhere else: whoever serves
 * this tenant would then read another one's documents.
 */
export async function insideFolder(root: string, name: string): Promise<string> {
  await mkdir(join(root, name), { recursive: true });
  const real = await realpath(root);
  const folder = join(real, name);
  if ((await realpath(folder)) !== folder) throw elsewhere(join(root, name));
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isSymbolicLink()) throw elsewhere(join(root, name, entry.name));
  }
  return join(root, name);
}

function elsewhere(path: string): ResiftError {
  return new ResiftError(
    'invalid_config',
    `${path} is a link: expected a folder of its own, since a tenant's documents stay in its folder. Remove the link, or set RESIFT_DATA_DIR to the folder that it leads to.`,
    { details: { path } },
  );
}
