import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isResiftError, ResiftError } from '@resift/core';
import type { HubFile } from './hub-tree.ts';
import { type HubAccess, hubRequest } from './internal/hub-request.ts';
import { openPartFile, type PartFile } from './internal/part-file.ts';

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes of this file that are there. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  /** How often a transfer that broke off is taken up again without a byte of progress. Default 4. */
  readonly retries?: number | undefined;
  /** Waits so long before the first of them, and longer before each further one. Default 500. */
  readonly retryMs?: number | undefined;
}

/**
 * Downloads one file to `target`, going on where an earlier download broke off, and gives it its name only when its size and checksum are right;
 * else throws `corrupt`. What an abort leaves is used the next time.
 */
export async function downloadFile(
  access: HubAccess,
  path: string,
  file: HubFile,
  target: string,
  options: DownloadOptions = {},
): Promise<void> {
  const { signal, onBytes = () => {} } = options;
  signal?.throwIfAborted();
  await mkdir(dirname(target), { recursive: true });
  const part = await openPartFile(target);
  try {
    let resumed = part.bytes() > 0;
    for (;;) {
      onBytes(part.bytes());
      await fill(access, path, file, part, options);
      if (await isRight(part, file)) return await part.finish();
      if (!resumed) break;
      // The beginning may be of something else: once more, from the start.
      resumed = false;
      await part.restart();
    }
  } catch (error) {
    await part.leave();
    throw diskFull(error, file, target);
  }
  await part.discard();
  throw new ResiftError(
    'corrupt',
    `${file.path} came with another checksum than the hub promises for it. Download it again; if that does not help, do not use it.`,
    { details: { file: file.path } },
  );
}

/** Until all bytes are there. */
async function fill(access: HubAccess, path: string, file: HubFile, part: PartFile, options: DownloadOptions): Promise<void> {
  const { signal, retries = 4, retryMs = 500 } = options;
  for (let failures = 0; ; ) {
    const before = part.bytes();
    if (before > file.bytes) await part.restart();
    if (before === file.bytes) return;
    try {
      await transfer(access, path, file, part, options);
      if (part.bytes() === file.bytes) return;
      throw brokenOff(file, part.bytes());
    } catch (error) {
      signal?.throwIfAborted();
      const again = isResiftError(error) && error.retryable && error.code !== 'rate_limited';
      if (part.bytes() > before) failures = 0;
      failures += 1;
      if (!again || failures > retries) throw error;
      await sleep(retryMs * 2 ** (failures - 1), undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}

const brokenOff = (file: HubFile, bytes: number, cause?: unknown) =>
  new ResiftError(
    'unavailable',
    `The transfer of ${file.path} broke off after ${bytes} of ${file.bytes} bytes. Call again to go on from there.`,
    { cause },
  );

async function transfer(
  access: HubAccess,
  path: string,
  file: HubFile,
  part: PartFile,
  { signal, onBytes }: DownloadOptions,
): Promise<void> {
  const start = part.bytes();
  const response = await hubRequest(access, path, start > 0 ? { range: `bytes=${start}-` } : {}, signal);
  const offset = response.status === 206 ? Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1]) : 0;
  // A server that knows no ranges, or another one than was asked for.
  if (response.status === 416 || offset !== start) await part.restart();
  if (response.status === 416 || (offset !== start && offset !== 0)) {
    await response.body?.cancel();
    throw brokenOff(file, 0);
  }
  const reader = response.body?.getReader();
  if (!reader) throw brokenOff(file, part.bytes());
  try {
    for (;;) {
      const { done, value } = await inTime(reader.read(), access.timeoutMs).catch((cause: unknown) => {
        signal?.throwIfAborted();
        throw isResiftError(cause) ? cause : brokenOff(file, part.bytes(), cause);
      });
      if (done) return;
      if (part.bytes() + value.length > file.bytes) {
        throw new ResiftError('corrupt', `${file.path} is longer than the ${file.bytes} bytes that the hub promises.`, {
          details: { file: file.path },
        });
      }
      await part.write(value);
      onBytes?.(part.bytes());
    }
  } finally {
    await reader.cancel().catch(() => {}); // nothing more is wanted
  }
}

/** An abort ends the reading by itself: it ends the request. */
async function inTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ResiftError('timeout', `The hub sent nothing for ${timeoutMs} ms.`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function isRight(part: PartFile, file: HubFile): Promise<boolean> {
  if (file.sha256 !== undefined) return (await part.digest('sha256', '')) === file.sha256;
  if (file.gitSha1 !== undefined) return (await part.digest('sha1', `blob ${file.bytes}\0`)) === file.gitSha1;
  throw new ResiftError('corrupt', `The hub names no checksum for ${file.path}: give its sha256.`, { details: { file: file.path } });
}

function diskFull(error: unknown, file: HubFile, target: string): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') return error;
  return new ResiftError(
    'unavailable',
    `There is no space for ${file.path} (${file.bytes} bytes) in ${dirname(target)}: make room, or name another \`cacheFolder\`.`,
    {
      cause: error,
    },
  );
}
