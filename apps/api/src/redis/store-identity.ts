import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';

/**
 * Names the store that this server serves, the same for all replicas of one store and after every restart: two servers with stores of their
 * own may share one Redis and never take each other's jobs.
 */
export async function storeIdentity({ dataDir, storeUrl }: Pick<Config, 'dataDir' | 'storeUrl'>): Promise<string> {
  if (storeUrl !== undefined) {
    const { host, pathname } = new URL(storeUrl);
    return createHash('sha256').update(`${host}${pathname}`).digest('hex').slice(0, 16);
  }
  // Not the path or the host's name: a folder may be mounted elsewhere tomorrow.
  await mkdir(dataDir, { recursive: true });
  const file = join(dataDir, 'resift.id');
  try {
    await writeFile(file, randomUUID().slice(0, 18).replaceAll('-', ''), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return (await readFile(file, 'utf8')).trim();
}
