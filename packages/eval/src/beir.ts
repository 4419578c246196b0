import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ResiftError } from '@resift/core';
import { readJsonl } from './jsonl.ts';
import type { Qrels } from './run.ts';
import { readQrels } from './trec.ts';

export interface BeirDocument {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

export interface BeirSet {
  readonly corpus: readonly BeirDocument[];
  /** Text by query id: only the judged queries of the split, in the file's order. */
  readonly queries: ReadonlyMap<string, string>;
  readonly qrels: Qrels;
}

/** Reads a BEIR folder: `corpus.jsonl`, `queries.jsonl`, `qrels/<split>.tsv`, each also as `.gz`. Ids that occur twice, or judgements for unknown ids, are `invalid_input`. */
export async function readBeir(folder: string, { split = 'test' }: { readonly split?: string | undefined } = {}): Promise<BeirSet> {
  const qrels = await readQrels(packedOrNot(join(folder, 'qrels', `${split}.tsv`)));

  const corpus = new Map<string, BeirDocument>();
  const corpusFile = packedOrNot(join(folder, 'corpus.jsonl'));
  for await (const record of readJsonl<Raw>(corpusFile)) {
    const { id, text } = idAndText(record, corpusFile, corpus);
    corpus.set(id, { id, title: typeof record.title === 'string' ? record.title : '', text });
  }

  const queries = new Map<string, string>();
  const queriesFile = packedOrNot(join(folder, 'queries.jsonl'));
  for await (const record of readJsonl<Raw>(queriesFile)) {
    const { id, text } = idAndText(record, queriesFile, queries);
    queries.set(id, text);
  }

  for (const [query, judged] of qrels) {
    if (!queries.has(query))
      throw new ResiftError('invalid_input', `${folder}: query "${query}" is judged, but queries.jsonl does not have it.`);
    for (const id of judged.keys()) {
      if (!corpus.has(id))
        throw new ResiftError(
          'invalid_input',
          `${folder}: document "${id}" is judged for query "${query}", but corpus.jsonl does not have it.`,
        );
    }
  }
  return { corpus: [...corpus.values()], queries: new Map([...queries].filter(([id]) => qrels.has(id))), qrels };
}

interface Raw {
  readonly _id?: unknown;
  readonly title?: unknown;
  readonly text?: unknown;
}

function idAndText({ _id, text }: Raw, file: string, known: ReadonlyMap<string, unknown>): { id: string; text: string } {
  if (typeof _id !== 'string' && typeof _id !== 'number') throw new ResiftError('invalid_input', `${file}: a record has no \`_id\`.`);
  if (typeof text !== 'string') throw new ResiftError('invalid_input', `${file}: record "${_id}" has no \`text\`.`);
  const id = String(_id);
  if (known.has(id)) throw new ResiftError('invalid_input', `${file}: the id "${id}" occurs twice.`);
  return { id, text };
}

function packedOrNot(path: string): string {
  const found = [path, `${path}.gz`].find((candidate) => existsSync(candidate));
  if (found) return found;
  throw new ResiftError('not_found', `There is neither ${path} nor ${path}.gz: expected a folder in BEIR layout.`);
}
