import { join } from 'node:path';
import { ResiftError } from '@resift/core';
import { readBeir } from '@resift/eval/beir';
import type { Question } from '@resift/eval/experiment/data-set';
import { readJsonl } from '@resift/eval/jsonl';
import type { EvalDocument } from 'resift/evaluation/collection';
import { type QuestionSet, shapeOf, together } from './question-sets.ts';

interface Row {
  readonly id: string;
  readonly text: string;
  readonly answers: readonly string[];
  readonly relevant: readonly string[];
  /** For an unanswerable question: the document that looks as if it answered. */
  readonly near?: string;
  readonly slices: readonly string[];
}

interface BeirRow {
  readonly _id: string;
  readonly text: string;
  readonly metadata: { readonly answers: readonly string[]; readonly slice: string };
}

const FOLDER = join(import.meta.dirname, 'traps');

/**
 * The set written for this project: 466 questions on 130 documents about two invented lands, full of traps (near-duplicates, outdated
 * versions, distractors, unanswerable). Both lands are one collection; no name that a question turns on occurs in both.
 */
export async function trapsSet(folder: string = FOLDER): Promise<QuestionSet> {
  return together([await sund(folder), await vellmar(folder)]);
}

async function sund(folder: string): Promise<QuestionSet> {
  const documents = new Map<string, EvalDocument & { readonly title: string }>();
  for await (const document of readJsonl<EvalDocument & { readonly title: string }>(join(folder, 'documents.jsonl')))
    documents.set(document.id, document);
  const questions: Question[] = [];
  for await (const { id, text, answers, relevant, near, slices } of readJsonl<Row>(join(folder, 'questions.jsonl'))) {
    const gold = documents.get(relevant[0] ?? near ?? '');
    if (!gold) throw new ResiftError('invalid_input', `Question ${id} of the traps names a document that does not exist.`);
    const kinds = slices.filter((slice) => slice !== 'keywords');
    questions.push(question(`sund-${id}`, text, answers, kinds, relevant, gold));
  }
  return { questions, documents: [...documents.values()] };
}

/** How this half names its traps, where the report names them otherwise; what is absent is no slice of its own. */
const SLICES: Readonly<Record<string, string>> = {
  'near-duplicate': 'near-duplicate',
  outdated: 'outdated version',
  distractor: 'distractor',
  paraphrase: 'paraphrase',
};

async function vellmar(folder: string): Promise<QuestionSet> {
  const { corpus, qrels } = await readBeir(folder);
  const documents = new Map(corpus.map(({ id, title, text }) => [id, { id, title, text }]));
  const questions: Question[] = [];
  for await (const { _id: id, text, metadata } of readJsonl<BeirRow>(join(folder, 'queries.jsonl'))) {
    const relevant = [...(qrels.get(id)?.keys() ?? [])];
    const slice = SLICES[metadata.slice];
    questions.push(question(`vellmar-${id}`, text, metadata.answers, slice ? [slice] : [], relevant, documents.get(relevant[0] ?? '')));
  }
  return { questions, documents: [...documents.values()] };
}

function question(
  id: string,
  text: string,
  answers: readonly string[],
  kinds: readonly string[],
  relevant: readonly string[],
  gold: { readonly title: string; readonly text: string } | undefined,
): Question {
  return {
    id: `traps/${id}`,
    text,
    answers,
    ...(gold && { goldText: `${gold.title}\n${gold.text}` }),
    ...(relevant.length > 0 && { judged: new Map(relevant.map((document) => [document, 1])) }),
    slices: ['traps', ...kinds, ...shapeOf(text), ...(answers.length === 0 ? ['unanswerable'] : [])],
  };
}
