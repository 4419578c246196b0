import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isResiftError, ResiftError } from '@resift/core';
import { syncEntry } from '../internal/sync-folder.ts';

/** A file that never changes again, as the manifest names it. */
export interface FileEntry {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface FileWriter {
  readonly bytes: number;
  /** After a failure the file is closed. */
  write(chunk: Uint8Array): Promise<void>;
  /** Flushed to disk on return. */
  finish(): Promise<FileEntry>;
  /** Closes the file, unfinished; it is left for `removeLeftovers`. */
  abandon(): Promise<void>;
}

export interface FileReader {
  readonly path: string;
  /** Rejects with `corrupt` where the file is shorter. Nothing else is checked: records carry their own checksums. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** The whole file, checked against its hash. */
  all(): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads the whole file in pieces and checks it against its hash. */
  verify(): Promise<void>;
  close(): Promise<void>;
}

/** The files of one index. */
export interface Disk {
  readonly directory: string;
  create(name: string): Promise<FileWriter>;
  /** Rejects with `corrupt` if the file is missing or has another length. */
  open(entry: FileEntry): Promise<FileReader>;
  /** Undefined if there is none. */
  readText(name: string): Promise<string | undefined>;
  /** Puts a text in place of the old one in one step: after a crash at any moment it is the old or the new one. */
  swapText(name: string, text: string): Promise<void>;
  names(): Promise<string[]>;
  remove(name: string): Promise<void>;
}

/** What is done to the disk, in order; a test stops there. */
export type DiskStep = 'create' | 'write' | 'sync' | 'rename' | 'sync-folder' | 'remove';

const CHUNK = 1 << 20;

/** `onStep` is called before every change to the disk: what throws there stands for a crash. */
export function openDisk(directory: string, onStep: (step: DiskStep, name: string) => void = () => {}): Disk {
  const pathOf = (name: string) => join(directory, name);

  async function create(name: string): Promise<FileWriter> {
    onStep('create', name);
    const file = await open(pathOf(name), 'w').catch(diskError);
    const hash = createHash('sha256');
    const pending: Uint8Array[] = [];
    let waiting = 0;
    let bytes = 0;

    let closed = false;
    async function close() {
      if (closed) return;
      closed = true;
      await file.close();
    }
    async function failed(error: unknown): Promise<never> {
      await close().catch(() => {});
      return diskError(error);
    }
    async function flush() {
      if (waiting === 0) return;
      onStep('write', name);
      const chunk = Buffer.concat(pending.splice(0));
      waiting = 0;
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    return {
      get bytes() {
        return bytes;
      },
      async write(chunk) {
        pending.push(chunk);
        waiting += chunk.byteLength;
        bytes += chunk.byteLength;
        if (waiting >= CHUNK) await flush().catch(failed);
      },
      async finish() {
        try {
          await flush();
          onStep('sync', name);
          await file.sync();
          await close();
        } catch (error) {
          return failed(error);
        }
        return { name, bytes, sha256: hash.digest('hex') };
      },
      abandon: close,
    };
  }

  return {
    directory,
    create,
    open: (entry) => openReader(pathOf(entry.name), entry),
    async readText(name) {
      return readFile(pathOf(name), 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
    },
    async swapText(name, text) {
      const next = `${name}.next`;
      const file = await create(next);
      await file.write(Buffer.from(text));
      await file.finish();
      // The new files must be in the folder before the text that names them.
      onStep('sync-folder', name);
      await syncEntry(directory).catch(diskError);
      onStep('rename', name);
      await rename(pathOf(next), pathOf(name)).catch(diskError);
      onStep('sync-folder', name);
      await syncEntry(directory).catch(diskError);
    },
    names: async () => {
      await mkdir(directory, { recursive: true });
      return (await readdir(directory)).sort();
    },
    async remove(name) {
      onStep('remove', name);
      await rm(pathOf(name), { force: true });
    },
  };
}

async function openReader(path: string, { bytes, sha256 }: FileEntry): Promise<FileReader> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? corrupt(path, 'it is missing', error) : error;
  });
  const { size } = await file.stat();
  if (size !== bytes) {
    await file.close();
    throw corrupt(path, `it has ${size} bytes instead of ${bytes}`);
  }
  async function read(offset: number, length: number) {
    const buffer = new Uint8Array(length);
    const { bytesRead } = await file.read(buffer, 0, length, offset);
    if (bytesRead !== length) throw corrupt(path, `it ends at ${offset + bytesRead} bytes instead of ${bytes}`);
    return buffer;
  }
  const differs = () => corrupt(path, 'its checksum is another');
  return {
    path,
    read,
    async all() {
      const buffer = await read(0, bytes);
      if (createHash('sha256').update(buffer).digest('hex') !== sha256) throw differs();
      return buffer;
    },
    async verify() {
      const hash = createHash('sha256');
      for (let at = 0; at < bytes; at += CHUNK) hash.update(await read(at, Math.min(CHUNK, bytes - at)));
      if (hash.digest('hex') !== sha256) throw differs();
    },
    close: () => file.close(),
  };
}

/** The whole of a file, checked against its hash. */
/** Opens all of these files, or none. */
export async function openFiles(disk: Disk, entries: readonly FileEntry[]): Promise<FileReader[]> {
  const opened = await Promise.allSettled(entries.map((entry) => disk.open(entry)));
  const files = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = opened.find((result) => result.status === 'rejected');
  if (!failed) return files;
  await Promise.all(files.map((file) => file.close()));
  throw failed.reason;
}

export async function readWhole(disk: Disk, entry: FileEntry): Promise<Uint8Array<ArrayBuffer>> {
  const file = await disk.open(entry);
  try {
    return await file.all();
  } finally {
    await file.close();
  }
}

/** A file of the index that is not what was written. */
export function corrupt(path: string, what: string, cause?: unknown): ResiftError {
  return new ResiftError('corrupt', `${path} is damaged: ${what}. Put the file back from a copy, or build the index again.`, {
    details: { file: path },
    ...(cause !== undefined && { cause }),
  });
}

function diskError(error: unknown): never {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (isResiftError(error) || (code !== 'ENOSPC' && code !== 'EDQUOT')) throw error;
  throw new ResiftError('unavailable', 'The disk is full: expected room for the index. The index is as it was; free some and try again.', {
    cause: error,
    details: { reason: 'disk_full' },
  });
}
