import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { isResiftError, ResiftError } from '@resift/core';

/** Who holds the directory. A process is named by its id and its start, since ids are used again. */
interface Holder {
  readonly pid: number;
  readonly started: string;
  readonly host: string;
  readonly token: string;
}

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
  const me: Holder = { pid: process.pid, started: startOf(process.pid) ?? 'unknown', host: hostname(), token: randomUUID() };
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
      if (alive(holder)) throw conflict(folder, holder);
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
      if (rival && alive(rival)) throw conflict(folder, rival);
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
  try {
    const holder = JSON.parse(await readFile(path, 'utf8')) as Partial<Holder>;
    if (
      Number.isInteger(holder.pid) &&
      holder.pid! > 0 &&
      typeof holder.started === 'string' &&
      typeof holder.token === 'string' &&
      typeof holder.host === 'string'
    ) {
      return holder as Holder;
    }
    throw new SyntaxError('not a lock');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (isResiftError(error) || !(error instanceof SyntaxError)) throw error;
    // Ours are written whole, so this is not one: say so instead of guessing that nobody is there.
    throw new ResiftError('corrupt', `${path} is not a lock of resift. If no other process uses this directory, remove the file.`, {
      details: { file: path },
      cause: error,
    });
  }
}

function alive({ pid, started, host }: Holder): boolean {
  if (host !== hostname()) return true; // on another machine, or in another container: cannot be seen from here
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = startOf(pid);
  return now === undefined || started === 'unknown' || now === started;
}

/** When a process started, in whatever unit the system gives; undefined where it cannot be told. */
function startOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') return linuxStart(pid);
    if (process.platform === 'win32') return undefined;
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 2_000 }).trim() || undefined;
  } catch {
    return undefined;
  }
}

function linuxStart(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name in parentheses, and may hold spaces; the start is the 22nd.
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot}/${ticks}`;
}

function conflict(folder: string, { pid, host }: Holder): ResiftError {
  const where = host === hostname() ? '' : ` on ${host}`;
  return new ResiftError(
    'conflict',
    `${folder} is in use by process ${pid}${where}: one process at a time may write to a store. Stop it, or use another directory${where && `; if that machine is gone, remove ${FILE}`}.`,
    { details: { directory: folder, pid, host } },
  );
}
