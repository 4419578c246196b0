import type { Connection } from '@lancedb/lancedb';
import type { Metadata } from '@resift/core';
import type { LancePlace } from './lance-place.ts';
import { createTable, DOCUMENT_COLUMNS, describedBy, type Row, tableRows, tableSchema } from './lance-table.ts';
import { type Ingestion, prepareDocuments } from './prepare-documents.ts';
import type { PutOptions } from './store.ts';

export interface Rebuild extends PutOptions {
  readonly database: Connection;
  readonly place: LancePlace;
  readonly name: string;
  readonly ingestion: Ingestion;
}

/**
 * Builds the table anew beside the old one, then puts it in its place. `letGo` closes the old one.
 * A crash leaves either the old or the new one.
 */
export async function rebuild(
  { database, place, name, ingestion, signal, onProgress }: Rebuild,
  letGo: () => Promise<void>,
): Promise<{ documents: number; chunks: number }> {
  const built = place.built(name);
  const discard = async () => {
    if ((await database.tableNames({ limit: 100_000 })).includes(built)) await database.dropTable(built);
  };
  await discard();
  const { embedder, tokenEmbedder } = ingestion;
  const schema = tableSchema(embedder.dimensions, embedder.id, tokenEmbedder?.id);
  const source = await database.openTable(await place.table(name));
  const target = await createTable(database, built, schema);
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
    await discard();
    throw error;
  } finally {
    source.close();
  }
  target.close();
  await place.swap(database, name, built, letGo);
  return { documents, chunks };
}

function sourceOf(row: Row): { id: string; text: string; title?: string; url?: string; metadata?: Metadata } {
  return { id: row['document_id'] as string, text: row['document'] as string, ...describedBy(row) };
}
