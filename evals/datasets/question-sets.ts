import { join } from 'node:path';
import { ResiftError } from '@resift/core';
import { readBeir } from '@resift/eval/beir';
import { type Question, questionsOf } from '@resift/eval/experiment/data-set';
import { readJsonl } from '@resift/eval/jsonl';
import type { EvalDocument } from 'resift/evaluation/collection';
import { isEvaluationPassage } from './evaluation-rows.ts';

/** Questions with the collection that they are asked over. */
export interface QuestionSet {
  readonly questions: readonly Question[];
  readonly documents: readonly EvalDocument[];
}

interface QaRow {
  readonly id: string;
  readonly title: string;
  readonly question: string;
  readonly context: string;
  readonly answers: readonly { readonly text: string }[];
  readonly answerable: boolean;
}

export interface QaOptions {
  /** Also store the contexts of the other rows, as passages to be told apart from the right ones. Their questions are never asked. Default false. */
  readonly distractors?: boolean | undefined;
}

/** The evaluation rows of a set of `qa/`: their contexts are the collection; the context of an answerable question is its relevant document. */
export async function qaSet(data: string, name: string, { distractors = false }: QaOptions = {}): Promise<QuestionSet> {
  const documents = new Map<string, EvalDocument>();
  const questions: Question[] = [];
  for await (const row of readJsonl<QaRow>(join(data, 'qa', `${name}.jsonl.gz`))) {
    const evaluation = isEvaluationPassage(row.context);
    if (!evaluation && !distractors) continue;
    const known = documents.get(row.context);
    const document = known ?? {
      id: `${name}/${documents.size}`,
      text: row.context,
      ...(row.title && { title: row.title.replaceAll('_', ' ') }),
    };
    documents.set(row.context, document);
    if (!evaluation) continue;
    questions.push({
      id: `${name}/${row.id}`,
      text: row.question,
      answers: row.answerable ? [...new Set(row.answers.map(({ text }) => text))] : [],
      goldText: row.context,
      ...(row.answerable && { judged: new Map([[document.id, 1]]) }),
      slices: [name, ...shapeOf(row.question), ...(row.answerable ? [] : ['unanswerable'])],
    });
  }
  return { questions, documents: [...documents.values()] };
}

/** What kind of question a set holds, where all of its questions are of one. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  musique_100: ['multi-hop'],
  hotpotqa_100: ['multi-hop'],
  med: ['jargon'],
  cacm: ['jargon'],
};

/** A BEIR folder as a question set; it has judgements but no answers. */
export async function beirSet(data: string, name: string): Promise<QuestionSet> {
  const { corpus, queries, qrels } = await readBeir(join(data, 'beir', name));
  const slices = (text: string) => [name, ...(KINDS[name] ?? []), ...shapeOf(text)];
  return {
    questions: questionsOf(queries, qrels).map((question) => ({
      ...question,
      id: `${name}/${question.id}`,
      judged: prefixed(name, question.judged!),
      slices: slices(question.text),
    })),
    documents: corpus.map(({ id, title, text }) => ({
      id: `${name}/${id}`,
      text: text.trim() === '' ? title : text,
      ...(title && { title }),
    })),
  };
}

/** Several sets over one collection. Ids must differ, which the sets' names see to. */
export function together(sets: readonly QuestionSet[]): QuestionSet {
  const documents = sets.flatMap((set) => set.documents);
  if (new Set(documents.map(({ id }) => id)).size < documents.length)
    throw new ResiftError('invalid_input', 'Two sets share a document id.');
  return { questions: sets.flatMap((set) => set.questions), documents };
}

/** Slices by the form of a question: `keywords` has no question word and no verb of a sentence, `short` at most five words. */
export function shapeOf(question: string): string[] {
  const words = question.trim().split(/\s+/);
  const asks =
    /\?\s*$|^(?:who|whom|whose|what|when|where|which|why|how|is|are|was|were|do|does|did|can|could|should|will|would|has|have|had|in what|in which|on what|at what|for what|from what|to what|by what|during)\b/i;
  return [asks.test(question.trim()) ? 'natural question' : 'keywords', ...(words.length <= 5 ? ['short'] : [])];
}

function prefixed(name: string, judged: ReadonlyMap<string, number>): Map<string, number> {
  return new Map([...judged].map(([id, grade]) => [`${name}/${id}`, grade]));
}
