import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection } from '@lancedb/lancedb';
import type { Metadata } from '@resift/core';
import { syncEntry, syncFolder } from '../internal/sync-folder.ts';
import { createTable, DOCUMENT_COLUMNS, describedBy, type Row, tableRows, tableSchema } from './lance-table.ts';
import { type Ingestion, prepareDocuments } from './prepare-documents.ts';
import type { PutOptions } from './store.ts';

export interface Rebuild extends PutOptions {
  readonly database: Connection;
  readonly directory: string;
  readonly name: string;
  readonly ingestion: Ingestion;
}

// No collection name holds two dots in a row.
const NEW = '..new';
const OLD = '..old';

export function isBuilding(table: string): boolean {
  return table.endsWith(NEW) || table.endsWith(OLD);
}

/**
 * Builds the table anew beside the old one, then puts it in its place. `beforeSwap` lets go of the old one.
 * A crash leaves either the old or the new one: `finishSwaps`.
 */
export async function rebuild(
  { database, directory, name, ingestion, signal, onProgress }: Rebuild,
  beforeSwap: () => Promise<void>,
): Promise<{ documents: number; chunks: number }> {
  const folder = (suffix: string) => join(directory, `${name}${suffix}.lance`);
  await rm(folder(NEW), { recursive: true, force: true });
  const { embedder, tokenEmbedder } = ingestion;
  const schema = tableSchema(embedder.dimensions, embedder.id, tokenEmbedder?.id);
  const source = await database.openTable(name);
  const target = await createTable(database, `${name}${NEW}`, schema);
  let documents = 0;
  let chunks = 0;
  try {
    for await (const batch of source.query().where('position = 0').select(DOCUMENT_COLUMNS)) {
      const rows: Row[] = batch.toArray().map((row) => row.toJSON());
      const created = new Map(rows.map((row) => [row['document_id'] as string, row['created_at'] as number]));
      for await (const group of prepareDocuments(rows.map(sourceOf), ingestion, signal)) {
        await target.add(
          tableRows(
            group.map((document) => ({ ...document, createdAt: created.get(document.id)! })),
            schema,
          ),
        );
        documents += group.length;
        chunks += group.reduce((sum, { passages }) => sum + passages.length, 0);
        onProgress?.({ documents, chunks });
      }
    }
    await target.optimize();
  } catch (error) {
    target.close();
    await rm(folder(NEW), { recursive: true, force: true });
    throw error;
  } finally {
    source.close();
  }
  target.close();
  await syncFolder(folder(NEW), new Set());
  await beforeSwap();
  await rename(folder(''), folder(OLD));
  await rename(folder(NEW), folder(''));
  await syncEntry(directory);
  await rm(folder(OLD), { recursive: true, force: true });
  return { documents, chunks };
}

/** Finishes or undoes what a crash interrupted. The old table is moved away only when the new one is whole. */
export async function finishSwaps(directory: string): Promise<void> {
  const folders = new Set(await readdir(directory));
  for (const folder of folders) {
    const name = folder.endsWith(`${NEW}.lance`) ? folder.slice(0, -`${NEW}.lance`.length) : undefined;
    if (name === undefined) continue;
    if (folders.has(`${name}.lance`)) await rm(join(directory, folder), { recursive: true, force: true });
    else await rename(join(directory, folder), join(directory, `${name}.lance`));
  }
  for (const folder of folders) {
    if (folder.endsWith(`${OLD}.lance`)) await rm(join(directory, folder), { recursive: true, force: true });
  }
}

function sourceOf(row: Row): { id: string; text: string; title?: string; url?: string; metadata?: Metadata } {
  return { id: row['document_id'] as string, text: row['document'] as string, ...describedBy(row) };
}
