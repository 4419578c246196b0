import type { Table } from '@lancedb/lancedb';
import type { Filter, Passage } from '@resift/core';
import { filterTags } from '../filter.ts';
import { among, PASSAGE_COLUMNS, passageOf, type Row, tagsPredicate } from './lance-table.ts';

/** Passages by their ids; those that are there and pass the filter. */
export async function passagesOf(table: Table, ids: readonly string[], filter?: Filter | undefined): Promise<Map<string, Passage>> {
  if (ids.length === 0) return new Map();
  const predicate = [among('id', ids), tagsPredicate(filterTags(filter))].filter((part) => part !== undefined).join(' AND ');
  const found = new Map<string, Passage>();
  for await (const batch of table.query().where(predicate).select(PASSAGE_COLUMNS).limit(ids.length)) {
    for (const row of readRows(batch, PASSAGE_COLUMNS)) found.set(row['id'] as string, passageOf(row));
  }
  return found;
}

/** All passages, in no particular order. */
export async function* scanPassages(table: Table): AsyncGenerator<Passage, void, undefined> {
  for await (const batch of table.query().select(PASSAGE_COLUMNS)) {
    for (const row of readRows(batch, PASSAGE_COLUMNS)) yield passageOf(row);
  }
}

/** What the driver gives a query's results in: columns. */
interface Columns {
  readonly numRows: number;
  getChild(name: string): { get(row: number): unknown } | null;
}

/** The rows of a batch, read by column: the driver's own row objects look every field up through a proxy, which takes longer than the search of a small collection. */
export function* readRows(batch: Columns, names: readonly string[]): Generator<Row, void, undefined> {
  const columns = names.map((name) => batch.getChild(name)!);
  for (let i = 0; i < batch.numRows; i++) {
    const row: Record<string, unknown> = {};
    for (const [at, name] of names.entries()) row[name] = columns[at]!.get(i);
    yield row;
  }
}
