import { createHash } from 'node:crypto';
import { ResiftError } from '@resift/core';
import type { Judgements } from '../ranking/metric.ts';
import type { Qrels } from '../run.ts';

/** One question of an experiment and everything known about it. A metric that needs a field which is absent leaves the question out. */
export interface Question {
  readonly id: string;
  readonly text: string;
  /** Grades of documents, for ranking metrics. */
  readonly judged?: Judgements;
  /** Gold answers; an empty list says that the collection holds none. */
  readonly answers?: readonly string[];
  /** The passage the answer was written from. */
  readonly goldText?: string;
  /** Groups it belongs to; results are given for each. */
  readonly slices?: readonly string[];
}

export interface DataSet {
  readonly id: string;
  readonly questions: readonly Question[];
  /** SHA-256 over questions and collection: outcomes are cached under it. */
  readonly fingerprint: string;
}

/** Checks the questions (ids once, texts not empty, at least one) and fingerprints them together with the collection's documents. */
export function dataSet(id: string, questions: readonly Question[], collection: Iterable<unknown> = []): DataSet {
  if (questions.length === 0) throw new ResiftError('invalid_input', `Data set ${id} has no question.`);
  const seen = new Set<string>();
  for (const question of questions) {
    if (seen.has(question.id)) throw new ResiftError('invalid_input', `Data set ${id}: question id "${question.id}" occurs twice.`);
    if (question.text.trim() === '') throw new ResiftError('invalid_input', `Data set ${id}: question "${question.id}" is empty.`);
    seen.add(question.id);
  }
  const hash = createHash('sha256');
  for (const question of questions) hash.update(JSON.stringify({ ...question, judged: question.judged && [...question.judged] }));
  for (const document of collection) hash.update(JSON.stringify(document));
  return { id, questions, fingerprint: hash.digest('hex') };
}

/** Queries and judgements as questions, in the qrels' order. A judged query without text is `invalid_input`. */
export function questionsOf(queries: ReadonlyMap<string, string>, qrels: Qrels, slices: readonly string[] = []): Question[] {
  return [...qrels].map(([id, judged]) => {
    const text = queries.get(id);
    if (text === undefined) throw new ResiftError('invalid_input', `Query "${id}" is judged but has no text.`);
    return { id, text, judged, slices };
  });
}
