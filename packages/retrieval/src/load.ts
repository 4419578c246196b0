import { type Metadata, ResiftError } from '@resift/core';
import { parseInWorker } from './internal/parse-workers.ts';
import { type FileKind, fileKindOf, KINDS } from './parsers/file-kind.ts';
import type { Sanitized } from './sanitize.ts';

export interface LoadedDocument {
  /** The file's name, or for records `name#number` or the record's own id where ids are unique: loading a file again replaces what it gave before. */
  readonly id: string;
  readonly text: string;
  readonly title?: string;
  readonly url?: string;
  readonly metadata?: Metadata;
  /** What was taken out, by class. */
  readonly sanitized?: Sanitized;
}

export interface LoadOptions {
  readonly signal?: AbortSignal | undefined;
  /** A file that takes longer is given up as `unusable_content`. Default 30,000. */
  readonly timeoutMs?: number | undefined;
}

const LARGEST_FILE = 64 * 1024 * 1024;

/** The endings that can be loaded. */
export const loadable: readonly string[] = Object.keys(KINDS).map((ending) => `.${ending}`);

/**
 * Reads a file into documents, in a worker thread with limited memory, so that neither a hostile file nor a long one stops the caller.
 * One document per file; per row for `.csv`, per line for `.jsonl`, per element for a `.json` list. A file that is damaged, empty or bursts the
 * limits: `unusable_content`, naming the file and why. An unknown ending: `invalid_input`. More than 64 MiB: `input_too_long`.
 */
export async function loadFile(
  name: string,
  bytes: Uint8Array,
  { signal, timeoutMs = 30_000 }: LoadOptions = {},
): Promise<LoadedDocument[]> {
  signal?.throwIfAborted();
  const kind: FileKind | undefined = fileKindOf(name);
  if (!kind) {
    throw new ResiftError('invalid_input', `Expected a file that ends in ${loadable.join(', ')}, got ${JSON.stringify(name)}.`, {
      details: { file: name },
    });
  }
  if (bytes.byteLength > LARGEST_FILE) {
    throw new ResiftError('input_too_long', `${name} has ${bytes.byteLength} bytes: expected at most ${LARGEST_FILE}.`, {
      details: { file: name },
    });
  }
  return parseInWorker({ name, kind, bytes }, { signal, timeoutMs });
}
