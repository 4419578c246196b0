import type { Table } from '@lancedb/lancedb';
import type { Filter, Passage } from '@resift/core';
import { filterTags } from '../filter.ts';
import { among, PASSAGE_COLUMNS, passageOf, type Row, tagsPredicate } from './lance-table.ts';

/** Passages by their ids; those that are there and pass the filter. */
export async function passagesOf(table: Table, ids: readonly string[], filter?: Filter | undefined): Promise<Map<string, Passage>> {
  if (ids.length === 0) return new Map();
  const predicate = [among('id', ids), tagsPredicate(filterTags(filter))].filter((part) => part !== undefined).join(' AND ');
  const rows: Row[] = await table.query().where(predicate).select(PASSAGE_COLUMNS).limit(ids.length).toArray();
  return new Map(rows.map((row) => [row['id'] as string, passageOf(row)]));
}

/** All passages, in no particular order. */
export async function* scanPassages(table: Table): AsyncGenerator<Passage, void, undefined> {
  for await (const batch of table.query().select(PASSAGE_COLUMNS)) {
    const columns = PASSAGE_COLUMNS.map((name) => [name, batch.getChild(name)!] as const);
    for (let i = 0; i < batch.numRows; i++) yield passageOf(Object.fromEntries(columns.map(([name, column]) => [name, column.get(i)])));
  }
}
