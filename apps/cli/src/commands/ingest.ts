import { openAsBlob } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join, relative } from 'node:path';
import { ResiftError } from '@resift/core';
import { Command } from 'commander';
import { type Backend, openBackend, readJson } from '../backend.ts';
import { untilInterrupted } from '../interrupt.ts';
import { colours, print, progressLine } from '../terminal.ts';
import { type CollectionOptions, withCollection } from './options.ts';

const READABLE = ['.txt', '.md', '.html', '.htm', '.pdf', '.docx', '.csv', '.json', '.jsonl'];

interface Ingested {
  readonly file: string;
  readonly documents: number;
  readonly chunks: number;
  readonly error?: string;
}

/** `resift ingest <path...>`: files and folders into a collection, one request a file, so that one bad file stops no other. */
export function ingestCommand(): Command {
  return withCollection(new Command('ingest'))
    .description(`Add files to a collection: ${READABLE.join(' ')}. Folders are read with everything below them.`)
    .argument('<path...>', 'files or folders')
    .action(async (paths: string[], options: CollectionOptions) => {
      const files = await findFiles(paths);
      const results = await untilInterrupted(async (signal) => {
        await using backend = await openBackend({ ...options, signal });
        return await ingestAll(backend, files, options.collection, signal);
      });
      print(results, { json: options.json, text: () => summary(results, options.collection) });
      if (results.some(({ error }) => error)) process.exitCode = 1;
    });
}

async function ingestAll(backend: Backend, files: readonly string[], collection: string, signal: AbortSignal): Promise<Ingested[]> {
  const line = progressLine();
  const results: Ingested[] = [];
  try {
    for (const [i, file] of files.entries()) {
      signal.throwIfAborted();
      line.show(`[${i + 1}/${files.length}] ${file}`);
      results.push(await ingestOne(backend, file, collection, signal));
    }
  } finally {
    line.clear();
  }
  return results;
}

async function ingestOne(backend: Backend, file: string, collection: string, signal: AbortSignal): Promise<Ingested> {
  const form = new FormData();
  form.set('collection', collection);
  form.append('files', await openAsBlob(file), basename(file));
  try {
    const response = await backend.request('/v1/documents', { method: 'POST', body: form, signal });
    const { documents } = await readJson<{ documents: { id: string; chunks: number }[] }>(response);
    return { file, documents: documents.length, chunks: documents.reduce((sum, { chunks }) => sum + chunks, 0) };
  } catch (error) {
    signal.throwIfAborted();
    return { file, documents: 0, chunks: 0, error: error instanceof Error ? error.message : String(error) };
  }
}

function summary(results: readonly Ingested[], collection: string): string {
  const good = results.filter(({ error }) => !error);
  const documents = good.reduce((sum, result) => sum + result.documents, 0);
  const chunks = good.reduce((sum, result) => sum + result.chunks, 0);
  const failed = results.filter(({ error }) => error).map(({ file, error }) => `${colours.red('✗')} ${file}: ${error}`);
  return [
    ...failed,
    `${colours.green('✓')} ${counted(documents, 'document')} (${counted(chunks, 'passage')}) from ${good.length} of ${counted(results.length, 'file')} into "${collection}"`,
  ].join('\n');
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

async function findFiles(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const info = await stat(path).catch(() => undefined);
    if (!info) throw new ResiftError('invalid_input', `There is no file or folder ${path}.`);
    if (!info.isDirectory()) {
      found.push(path);
      continue;
    }
    const below = await readdir(path, { recursive: true, withFileTypes: true });
    const readable = below
      .filter((entry) => entry.isFile() && READABLE.includes(extname(entry.name).toLowerCase()))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter(
        (file) =>
          !relative(path, file)
            .split('/')
            .some((part) => part.startsWith('.') || part === 'node_modules'),
      );
    if (readable.length === 0)
      throw new ResiftError('invalid_input', `The folder ${path} holds no file that can be read (${READABLE.join(' ')}).`);
    found.push(...readable.sort());
  }
  return found;
}
