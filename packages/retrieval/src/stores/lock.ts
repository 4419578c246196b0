import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { ResiftError } from '@resift/core';
import { type Holder, lives, readHolder, thisProcess } from './lock-holder.ts';

export interface DirectoryLock {
  /** Rejects with `conflict` if somebody took the lock file away or over. */
  check(): Promise<void>;
  release(): Promise<void>;
}

const FILE = 'resift.lock';
const heldHere = new Set<string>();

/**
 * Lets one process write to a directory. A holder that lives is never robbed, however long it is silent; the lock of a dead one is taken over.
 * Rejects with `conflict`, naming the holder's PID.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const folder = resolve(directory);
  await mkdir(folder, { recursive: true });
  const path = join(folder, FILE);
  const me = thisProcess();
  if (heldHere.has(folder)) throw conflict(folder, me);
  heldHere.add(folder);
  try {
    await claim(path, me, folder);
  } catch (error) {
    heldHere.delete(folder);
    throw error;
  }

  let released = false;
  return {
    async check() {
      const holder = await read(path);
      if (holder?.token === me.token) return;
      throw new ResiftError(
        'conflict',
        `The lock of ${folder} is no longer ours: expected ${FILE} to be left alone while this process runs.`,
        {
          details: { directory: folder, ...(holder && { pid: holder.pid }) },
        },
      );
    },
    async release() {
      if (released) return;
      released = true;
      if ((await read(path))?.token === me.token) await rm(path, { force: true });
      heldHere.delete(folder);
    },
  };
}

/** A lock file comes into being whole, by link or rename: nobody reads half of one. */
async function claim(path: string, me: Holder, folder: string): Promise<void> {
  const mine = `${path}.${me.token}`;
  await writeFile(mine, JSON.stringify(me));
  try {
    for (let round = 0; round < 20; round++) {
      if (await linked(mine, path)) return;
      const holder = await read(path);
      if (!holder) continue; // released in between
      if (lives(holder) !== false) throw conflict(folder, holder);
      // Of all that see the same dead holder, one may replace its file: whoever creates this name.
      const takeover = `${path}.after-${holder.token}`;
      if (await linked(mine, takeover)) {
        try {
          // Somebody may have been through with it since we looked.
          if ((await read(path))?.token !== holder.token) continue;
          await rename(mine, path);
          return;
        } finally {
          await rm(takeover, { force: true });
        }
      }
      const rival = await read(takeover);
      if (rival && lives(rival) !== false) throw conflict(folder, rival);
      await rm(takeover, { force: true }); // died on the way
    }
    throw new ResiftError(
      'conflict',
      `Could not lock ${folder}: expected ${FILE} to settle, but other processes keep changing it. Try again.`,
    );
  } finally {
    await rm(mine, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function read(path: string): Promise<Holder | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const holder = readHolder(text);
  if (holder) return holder;
  // Ours are written whole, so this is not one: say so instead of guessing that nobody is there.
  throw new ResiftError('corrupt', `${path} is not a lock of resift. If no other process uses this directory, remove the file.`, {
    details: { file: path },
  });
}

function conflict(folder: string, { pid, host }: Holder): ResiftError {
  const where = host === hostname() ? '' : ` on ${host}`;
  return new ResiftError(
    'conflict',
    `${folder} is in use by process ${pid}${where}: one process at a time may write to a store. Stop it, or use another directory${where && `; if that machine is gone, remove ${FILE}`}.`,
    { details: { directory: folder, pid, host } },
  );
}
