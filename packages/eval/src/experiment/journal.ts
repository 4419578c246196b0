import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { ResiftError } from '@resift/core';

/** Results by key that outlive the process: one JSON line each, appended when it is known. */
export interface Journal {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  readonly size: number;
  close(): void;
}

/**
 * Opens a journal file, or makes it. A last line that a kill cut short is dropped; damage anywhere else is `corrupt`.
 * One process writes at a time: give every experiment its own file.
 */
export function openJournal(path: string): Journal {
  mkdirSync(dirname(path), { recursive: true });
  const known = new Map<string, unknown>();
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  for (const [index, line] of whole.split('\n').entries()) {
    if (line === '') continue;
    try {
      const [key, value] = JSON.parse(line) as [string, unknown];
      known.set(key, value);
    } catch (cause) {
      throw new ResiftError('corrupt', `${path}:${index + 1} is not a line of a journal: delete the file to start again.`, { cause });
    }
  }
  const file = openSync(path, 'a');
  if (whole.length < text.length) ftruncateSync(file, Buffer.byteLength(whole));
  let open = true;

  return {
    get: (key) => known.get(key),
    set(key, value) {
      known.set(key, value);
      writeSync(file, `${JSON.stringify([key, value])}\n`);
    },
    get size() {
      return known.size;
    },
    close() {
      if (open) closeSync(file);
      open = false;
    },
  };
}
