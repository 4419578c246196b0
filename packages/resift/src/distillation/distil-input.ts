import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ResiftError } from '@resift/core';
import { readBeir } from '@resift/eval/beir';
import { readJsonl, readLines } from '@resift/eval/jsonl';
import type { Qrels } from '@resift/eval/run';

export interface DistilQuery {
  readonly id: string;
  readonly text: string;
}

export interface DistilDocument {
  readonly id: string;
  readonly title?: string;
  readonly text: string;
}

/** Queries to learn from: a `.jsonl` file ({id or _id, text or query}), else one query a line; also `.gz`. */
export async function readQueries(path: string): Promise<DistilQuery[]> {
  const queries: DistilQuery[] = [];
  if (/\.jsonl(\.gz)?$/.test(path)) {
    let number = 0;
    for await (const row of readJsonl<Row>(path)) {
      number += 1;
      const text = row.text ?? row.query;
      if (typeof text !== 'string' || text.trim() === '') throw wrong(path, number, 'a query in the field `text` or `query`');
      queries.push({ id: String(row.id ?? row._id ?? number), text });
    }
  } else {
    for await (const line of readLines(path)) if (line.trim() !== '') queries.push({ id: String(queries.length + 1), text: line.trim() });
  }
  if (queries.length === 0) throw new ResiftError('invalid_input', `${path} holds no query: expected one a line, or JSON Lines.`);
  return unique(queries, path);
}

/** Documents: a folder in BEIR layout, or JSON Lines ({id or _id, text, title?}), also `.gz`. */
export async function readDocuments(path: string): Promise<DistilDocument[]> {
  const file = isFolder(path) ? (['corpus.jsonl', 'corpus.jsonl.gz'].map((name) => join(path, name)).find(existsSync) ?? path) : path;
  if (isFolder(file))
    throw new ResiftError('invalid_input', `${path} holds no corpus.jsonl: expected a folder in BEIR layout, or a JSON Lines file.`);
  const documents: DistilDocument[] = [];
  for await (const row of readJsonl<Row>(file)) {
    const id = row.id ?? row._id;
    if (id === undefined || typeof row.text !== 'string') throw wrong(file, documents.length + 1, 'the fields `id` (or `_id`) and `text`');
    documents.push({ id: String(id), text: row.text, ...(typeof row.title === 'string' && row.title !== '' && { title: row.title }) });
  }
  if (documents.length === 0) throw new ResiftError('invalid_input', `${file} holds no document.`);
  return unique(documents, file);
}

/** Judged queries on which student and teacher are compared. */
export interface DistilTest {
  readonly queries: readonly DistilQuery[];
  readonly documents: readonly DistilDocument[];
  readonly qrels: Qrels;
}

/** A BEIR folder as a test. */
export async function readTest(folder: string): Promise<DistilTest> {
  const { corpus, queries, qrels } = await readBeir(folder);
  return { documents: corpus, qrels, queries: [...queries].map(([id, text]) => ({ id, text })) };
}

interface Row {
  readonly id?: string | number;
  readonly _id?: string | number;
  readonly text?: unknown;
  readonly query?: unknown;
  readonly title?: unknown;
}

function isFolder(path: string): boolean {
  if (!existsSync(path)) throw new ResiftError('not_found', `There is no file or folder ${path}.`);
  return statSync(path).isDirectory();
}

function unique<T extends { readonly id: string }>(rows: T[], path: string): T[] {
  const ids = new Set<string>();
  for (const { id } of rows) {
    if (ids.has(id)) throw new ResiftError('invalid_input', `${path}: the id "${id}" occurs twice.`);
    ids.add(id);
  }
  return rows;
}

const wrong = (path: string, number: number, expected: string) =>
  new ResiftError('invalid_input', `${path}, record ${number}: expected ${expected}.`);
