import { ResiftError } from '@resift/core';
import { readLines } from './jsonl.ts';
import { type Qrels, type Run, type RunEntry, trecOrder } from './run.ts';

/** Reads a TREC run: `query Q0 document rank score tag` per line. The rank is ignored, as in trec_eval: the score decides. */
export async function readTrecRun(path: string): Promise<Run> {
  const run = new Map<string, RunEntry[]>();
  await eachLine(path, async (fields, place) => {
    if (fields.length !== 6) throw badLine(place, 'six fields, `query Q0 document rank score tag`', fields);
    const [query, , id, , written] = fields as [string, string, string, string, string];
    const score = Number(written);
    if (!Number.isFinite(score)) throw badLine(place, 'a finite score in the fifth field', fields);
    const entries = run.get(query) ?? [];
    entries.push({ id, score });
    run.set(query, entries);
  });
  for (const [query, entries] of run) trecOrder(entries, query); // duplicates
  return run;
}

/** A run as TREC text, best first, ranks from 1. `tag` names the system; it holds no white space. */
export function formatTrecRun(run: Run, tag: string): string {
  checkToken(tag, 'tag');
  return [...run]
    .map(([query, entries]) => {
      const score = new Map(entries.map((entry) => [entry.id, entry.score]));
      return trecOrder(entries, query)
        .map((id, rank) => `${checkToken(query, 'query id')} Q0 ${checkToken(id, 'document id')} ${rank + 1} ${score.get(id)} ${tag}\n`)
        .join('');
    })
    .join('');
}

/**
 * Reads judgements: `query iteration document grade` per line (TREC), or `query-id corpus-id score` with that heading (BEIR).
 * A pair judged twice with different grades is `invalid_input`; an empty file too.
 */
export async function readQrels(path: string): Promise<Qrels> {
  const qrels = new Map<string, Map<string, number>>();
  await eachLine(path, async (fields, place) => {
    if (place.line === 1 && fields[0] === 'query-id') return;
    if (fields.length !== 3 && fields.length !== 4)
      throw badLine(place, '`query iteration document grade` or `query document grade`', fields);
    const query = fields[0]!;
    const id = fields.at(-2)!;
    const grade = Number(fields.at(-1));
    if (!Number.isInteger(grade)) throw badLine(place, 'a whole number as the grade', fields);
    const judged = qrels.get(query) ?? new Map<string, number>();
    if ((judged.get(id) ?? grade) !== grade)
      throw badLine(place, `the grade ${judged.get(id)} that an earlier line gives to this pair`, fields);
    judged.set(id, grade);
    qrels.set(query, judged);
  });
  if (qrels.size === 0) throw new ResiftError('invalid_input', `${path} holds no judgement.`);
  return qrels;
}

/** Judgements as TREC text. */
export function formatQrels(qrels: Qrels): string {
  return [...qrels]
    .flatMap(([query, judged]) =>
      [...judged].map(([id, grade]) => `${checkToken(query, 'query id')} 0 ${checkToken(id, 'document id')} ${grade}\n`),
    )
    .join('');
}

interface Place {
  readonly path: string;
  readonly line: number;
}

async function eachLine(path: string, use: (fields: string[], place: Place) => Promise<void>): Promise<void> {
  let line = 0;
  for await (const text of readLines(path)) {
    line += 1;
    if (text.trim() !== '') await use(text.trim().split(/\s+/), { path, line });
  }
}

function badLine({ path, line }: Place, expected: string, fields: readonly string[]): ResiftError {
  return new ResiftError('invalid_input', `${path}:${line}: expected ${expected}, got "${fields.join(' ').slice(0, 80)}".`);
}

function checkToken(token: string, what: string): string {
  if (token !== '' && !/\s/.test(token)) return token;
  throw new ResiftError('invalid_input', `TREC files separate fields by white space, so the ${what} "${token}" cannot be written to one.`);
}
