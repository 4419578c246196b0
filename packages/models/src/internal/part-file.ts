import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

let parts = 0;

/** A file that is being downloaded, under a name that belongs to this process alone. */
export interface PartFile {
  readonly path: string;
  /** Bytes that are there. */
  readonly bytes: () => number;
  write(piece: Uint8Array): Promise<void>;
  /** Throws away what is there. */
  restart(): Promise<void>;
  /** Hex digest of `prefix` and everything written. */
  digest(algorithm: 'sha256' | 'sha1', prefix: string): Promise<string>;
  /** Gives it its final name. */
  finish(): Promise<void>;
  /** Leaves it for the next one who wants to go on. */
  leave(): Promise<void>;
  discard(): Promise<void>;
}

/** Goes on with what an earlier download of `target` left, if there is anything. What a running process writes to is not touched. */
export async function openPartFile(target: string): Promise<PartFile> {
  parts += 1;
  const own = `${target}.part-${process.pid}-${parts}`;
  for (const left of await leftovers(target)) {
    if (
      await rename(left, own).then(
        () => true,
        () => false,
      )
    )
      break;
  }
  const handle: FileHandle = await open(own, 'a+');
  let bytes = (await handle.stat()).size;
  const close = () => handle.close();
  return {
    path: own,
    bytes: () => bytes,
    async write(piece) {
      for (let done = 0; done < piece.length; ) done += (await handle.write(piece, done)).bytesWritten;
      bytes += piece.length;
    },
    async restart() {
      await handle.truncate(0);
      bytes = 0;
    },
    async digest(algorithm, prefix) {
      const hash: Hash = createHash(algorithm).update(prefix);
      for await (const piece of createReadStream(own)) hash.update(piece as Buffer);
      return hash.digest('hex');
    },
    async finish() {
      await close();
      await rename(own, target);
    },
    async leave() {
      await close();
      if (bytes > 0) await rename(own, `${target}.part`);
      else await rm(own, { force: true });
    },
    async discard() {
      await close();
      await rm(own, { force: true });
    },
  };
}

async function leftovers(target: string): Promise<string[]> {
  const name = `${basename(target)}.part`;
  const there = (await readdir(dirname(target))).filter((file) => file.startsWith(name));
  return there
    .filter((file) => {
      const pid = /^-(\d+)-\d+$/.exec(file.slice(name.length))?.[1];
      return file === name || (pid !== undefined && !isAlive(Number(pid)));
    })
    .map((file) => join(dirname(target), file));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
