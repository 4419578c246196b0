import { type Connection, Index, type Table } from '@lancedb/lancedb';
import type { Metadata, Passage } from '@resift/core';
import {
  Table as ArrowTable,
  Binary,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int32,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import { metadataTags } from '../filter.ts';
import type { PreparedDocument } from './prepare-documents.ts';

/** What identifies the vectors of a table, kept in its schema. */
export const EMBEDDER_KEY = 'resift.embedder';
const FORMAT_KEY = 'resift.format';
/** Names the model of the token vectors; only where there is a column for them. */
export const TOKENS_KEY = 'resift.tokens';
export const TOKENS_COLUMN = 'tokens';

/** Columns that make a passage; the others are the vector, the tags, and the document itself, which the first passage's row carries. */
export const PASSAGE_COLUMNS: string[] = ['id', 'document_id', 'start', 'end', 'text', 'title', 'url', 'metadata'];
export const DOCUMENT_COLUMNS: string[] = ['document_id', 'document', 'title', 'url', 'metadata', 'chunks', 'created_at'];

/** One row per passage, with its token vectors in the same row where a model for them is named, so that a document comes, changes and goes in one commit of one table. */
export function tableSchema(dimensions: number, embedderId: string, tokenEmbedderId?: string): Schema {
  const keepsTokens = tokenEmbedderId !== undefined;
  return new Schema(
    [
      new Field('id', new Utf8(), false),
      new Field('document_id', new Utf8(), false),
      new Field('position', new Int32(), false),
      new Field('start', new Int32(), false),
      new Field('end', new Int32(), false),
      new Field('text', new Utf8(), false),
      new Field('title', new Utf8(), true),
      new Field('url', new Utf8(), true),
      new Field('metadata', new Utf8(), true),
      new Field('tags', new List(new Field('item', new Utf8(), true)), false),
      new Field('vector', new FixedSizeList(dimensions, new Field('item', new Float32(), true)), false),
      new Field('document', new Utf8(), true),
      new Field('chunks', new Int32(), false),
      new Field('created_at', new Float64(), false),
      ...(keepsTokens ? [new Field(TOKENS_COLUMN, new Binary(), true)] : []),
    ],
    new Map([
      [EMBEDDER_KEY, embedderId],
      [FORMAT_KEY, keepsTokens ? '2' : '1'],
      ...(keepsTokens ? [[TOKENS_KEY, tokenEmbedderId] as const] : []),
    ]),
  );
}

export async function createTable(database: Connection, name: string, schema: Schema): Promise<Table> {
  const table = await database.createEmptyTable(name, schema, { mode: 'create', existOk: true });
  for (const column of ['id', 'document_id']) await table.createIndex(column, { config: Index.btree(), replace: true });
  await table.createIndex('tags', { config: Index.labelList(), replace: true });
  return table;
}

/** The rows of some documents as one Arrow batch; the vectors are copied once, not boxed. */
export function tableRows(documents: readonly PreparedDocument[], schema: Schema): ArrowTable {
  const rows = documents.flatMap((document) =>
    document.passages.map((passage, position) => ({ document, passage, position, vector: document.vectors[position]! })),
  );
  const dimensions = (schema.fields.find(({ name }) => name === 'vector')!.type as FixedSizeList).listSize;
  const flat = new Float32Array(rows.length * dimensions);
  for (const [i, { vector }] of rows.entries()) flat.set(vector, i * dimensions);

  const json = (metadata: Metadata | undefined) => (metadata ? JSON.stringify(metadata) : null);
  const values: Record<string, readonly unknown[]> = {
    id: rows.map(({ passage }) => passage.id),
    document_id: rows.map(({ document }) => document.id),
    position: rows.map(({ position }) => position),
    start: rows.map(({ passage }) => passage.start),
    end: rows.map(({ passage }) => passage.end),
    text: rows.map(({ passage }) => passage.text),
    title: rows.map(({ document }) => document.title ?? null),
    url: rows.map(({ document }) => document.url ?? null),
    metadata: rows.map(({ document }) => json(document.metadata)),
    tags: rows.map(({ document }) => metadataTags(document.metadata)),
    document: rows.map(({ document, position }) => (position === 0 ? document.text : null)),
    chunks: rows.map(({ document }) => document.passages.length),
    created_at: rows.map(({ document }) => document.createdAt),
  };
  const children = schema.fields.map(({ name, type }) => {
    if (name === TOKENS_COLUMN) return binaryColumn(rows.map(({ document, position }) => document.packed?.[position]));
    if (name !== 'vector') return (vectorFromArray(values[name] as never[], type) as Vector).data[0]!;
    const child = makeData({ type: new Float32(), length: flat.length, nullCount: 0, data: flat });
    return makeData({ type: type as FixedSizeList<Float32>, length: rows.length, nullCount: 0, child });
  });
  const data = makeData({ type: new Struct(schema.fields), length: rows.length, nullCount: 0, children });
  return new ArrowTable(schema, [new RecordBatch(schema, data)]);
}

/** Copied once; `undefined` is null. */
function binaryColumn(values: readonly (Uint8Array | undefined)[]) {
  const valueOffsets = new Int32Array(values.length + 1);
  const nullBitmap = new Uint8Array(Math.ceil(values.length / 8));
  for (const [i, value] of values.entries()) {
    valueOffsets[i + 1] = valueOffsets[i]! + (value?.length ?? 0);
    if (value) nullBitmap[i >> 3]! |= 1 << (i & 7);
  }
  const data = new Uint8Array(valueOffsets.at(-1)!);
  for (const [i, value] of values.entries()) if (value) data.set(value, valueOffsets[i]);
  const nullCount = values.filter((value) => !value).length;
  return makeData({ type: new Binary(), length: values.length, nullCount, nullBitmap, valueOffsets, data });
}

/** A row as the driver gives it, of the columns asked for. */
export type Row = Readonly<Record<string, unknown>>;

export function passageOf(row: Row): Passage {
  return {
    id: row['id'] as string,
    documentId: row['document_id'] as string,
    text: row['text'] as string,
    start: row['start'] as number,
    end: row['end'] as number,
    ...describedBy(row),
  };
}

export function describedBy(row: Row): { title?: string; url?: string; metadata?: Metadata } {
  return {
    ...(row['title'] !== null && { title: row['title'] as string }),
    ...(row['url'] !== null && { url: row['url'] as string }),
    ...(row['metadata'] !== null && { metadata: JSON.parse(row['metadata'] as string) as Metadata }),
  };
}

/** A string in a filter expression: single quotes doubled, nothing else is special. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function among(column: string, texts: readonly string[]): string {
  return `${column} IN (${texts.map(quoted).join(', ')})`;
}

/** A filter over the tags column; undefined where there is nothing to filter. */
export function tagsPredicate(groups: readonly (readonly string[])[]): string | undefined {
  if (groups.length === 0) return undefined;
  return groups.map((group) => (group.length === 0 ? 'false' : `array_has_any(tags, [${group.map(quoted).join(', ')}])`)).join(' AND ');
}
