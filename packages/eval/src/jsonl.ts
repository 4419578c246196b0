import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip, gzipSync } from 'node:zlib';
import { ResiftError } from '@resift/core';

/** Lines of a text file; a name that ends in `.gz` is unpacked. A missing or damaged file is a typed error that names it. */
export async function* readLines(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  let input: Readable = file;
  if (path.endsWith('.gz')) {
    const unpacked = createGunzip();
    file.on('error', (error) => unpacked.destroy(error));
    input = file.pipe(unpacked);
  }
  const failed = new Promise<never>((_, reject) => input.on('error', reject));
  failed.catch(() => {}); // it is raced below
  const lines = createInterface({ input, crlfDelay: Infinity })[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([lines.next(), failed]);
      if (next.done) break;
      yield next.value;
    }
    if (input.errored) throw input.errored;
  } catch (cause) {
    throw unreadable(path, cause);
  } finally {
    file.destroy();
  }
}

/** Records of a JSON Lines file, empty lines left out. A line that is not JSON is `invalid_input` with its number. */
export async function* readJsonl<T = unknown>(path: string): AsyncGenerator<T> {
  let number = 0;
  for await (const line of readLines(path)) {
    number += 1;
    if (line.trim() === '') continue;
    try {
      yield JSON.parse(line) as T;
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      throw new ResiftError('invalid_input', `${path}:${number}: expected one JSON value per line. ${cause.message}`, { cause });
    }
  }
}

/** Writes records as JSON Lines, packed where the name ends in `.gz`. */
export async function writeJsonl(path: string, records: Iterable<unknown>): Promise<void> {
  const text = [...records].map((record) => `${JSON.stringify(record)}\n`).join('');
  await writeFile(path, path.endsWith('.gz') ? gzipSync(text) : text);
}

function unreadable(path: string, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOENT') return new ResiftError('not_found', `There is no file ${path}.`, { cause });
  if (code?.startsWith('Z_')) return new ResiftError('corrupt', `${path} is not a whole gzip file: fetch it again.`, { cause });
  return cause;
}
