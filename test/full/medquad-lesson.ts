import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonl } from '@resift/eval/jsonl';

export const MEDQUAD: string = join(import.meta.dirname, '../../../shared/data/train/medquad.jsonl.gz');

interface Row {
  readonly query: string;
  readonly text: string;
  /** Its passage may only be asked about. */
  readonly evaluation: boolean;
}

/** What is asked of a disease, where the words of the question are seldom those of the answer. */
const ASPECTS = /^(what is \(are\)|what are the (treatments|genetic changes)|how many people|who is at risk|how to prevent)/i;

export interface Lesson {
  /** One a line. */
  readonly queries: string;
  readonly corpus: string;
  /** A BEIR folder. */
  readonly test: string;
  /** The passage that answers a query, of the lesson or the test. */
  readonly answers: ReadonlyMap<string, string>;
}

/**
 * Questions about diseases ("What are the treatments for …?"), each with the beginning of the one passage that answers it, among those of others about the same disease: BM25 finds the
 * disease, not the aspect. What is learned from are training passages alone; the test asks about evaluation passages (the rule of data/README.md) of other diseases, among passages that no
 * list of the lesson holds.
 */
export async function writeLesson(folder: string, { learn, ask }: { readonly learn: number; readonly ask: number }): Promise<Lesson> {
  if (!existsSync(MEDQUAD)) throw new Error(`There is no ${MEDQUAD}.`);
  const all: Row[] = [];
  for await (const { query, positive } of readJsonl<{ query: string; positive: string }>(MEDQUAD)) {
    all.push({ query, text: beginningOf(positive), evaluation: hash(positive)[0]! % 5 === 0 });
  }
  // A question that has two answers in the set has no single right one, and a text that answers two diseases does not either.
  const [queries, texts] = [counted(all.map(({ query }) => query)), counted(all.map(({ text }) => text))];
  const rows = all.filter(({ query, text }) => queries.get(query) === 1 && texts.get(text) === 1);
  // By disease, so that passages about one stay together.
  const teaches = ({ query }: Row) => hash(topicOf(query))[0]! % 2 === 0;
  const training = rows.filter((row) => !row.evaluation && teaches(row));
  const chosen = (from: readonly Row[], count: number) =>
    from
      .filter(({ query }) => ASPECTS.test(query))
      .toSorted((a, b) => (order(a.query) < order(b.query) ? -1 : 1))
      .slice(0, count);
  const lessons = chosen(training, learn);
  const asked = chosen(
    rows.filter((row) => row.evaluation && !teaches(row)),
    ask,
  );
  const others = rows.filter((row) => !teaches(row));

  mkdirSync(join(folder, 'test/qrels'), { recursive: true });
  const write = (name: string, lines: readonly string[]) => writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
  const documents = (from: readonly Row[]) => from.map(({ text }) => JSON.stringify({ _id: id(text), text }));
  write(
    'queries.txt',
    lessons.map(({ query }) => query),
  );
  write('corpus.jsonl', documents(training));
  write('test/corpus.jsonl', documents(others));
  write(
    'test/queries.jsonl',
    asked.map(({ query }) => JSON.stringify({ _id: id(query), text: query })),
  );
  write('test/qrels/test.tsv', ['query-id\tcorpus-id\tscore', ...asked.map(({ query, text }) => `${id(query)}\t${id(text)}\t1`)]);
  return {
    queries: join(folder, 'queries.txt'),
    corpus: join(folder, 'corpus.jsonl'),
    test: join(folder, 'test'),
    answers: new Map([...lessons, ...asked].map(({ query, text }) => [query, text])),
  };
}

const hash = (text: string) => createHash('sha256').update(text, 'utf8').digest();
const id = (text: string) => hash(text).toString('hex').slice(0, 16);
const order = (text: string) => hash(`order ${text}`).toString('hex');
/** The disease of a template question: what follows its first "of", "by", "for", "with", "to" or "(are)". */
const topicOf = (query: string) =>
  query
    .replace(/^.*?( of | by | for | with | to (prevent |diagnose )?| \(are\) |causes )/i, '')
    .replaceAll(/[^\w]+/g, ' ')
    .trim()
    .toLowerCase();
const counted = (values: readonly string[]) =>
  values.reduce((counts, value) => counts.set(value, (counts.get(value) ?? 0) + 1), new Map<string, number>());
/** Enough of a passage to know its aspect; what a small student reads in a few milliseconds. */
const beginningOf = (text: string) => text.slice(0, 400).replace(/\s+\S*$/, '');
