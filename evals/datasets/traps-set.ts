import { join } from 'node:path';
import { ResiftError } from '@resift/core';
import type { Question } from '@resift/eval/experiment/data-set';
import { readJsonl } from '@resift/eval/jsonl';
import type { EvalDocument } from 'resift/evaluation/collection';
import { type QuestionSet, shapeOf } from './question-sets.ts';

interface Row {
  readonly id: string;
  readonly text: string;
  readonly answers: readonly string[];
  readonly relevant: readonly string[];
  /** For an unanswerable question: the document that looks as if it answered. */
  readonly near?: string;
  readonly slices: readonly string[];
}

/** The set written for this project: 168 questions on 60 documents full of traps (near-duplicates, outdated versions, distractors, unanswerable). */
export async function trapsSet(folder: string = join(import.meta.dirname, 'traps')): Promise<QuestionSet> {
  const documents = new Map<string, EvalDocument & { readonly title: string }>();
  for await (const document of readJsonl<EvalDocument & { readonly title: string }>(join(folder, 'documents.jsonl')))
    documents.set(document.id, document);
  const questions: Question[] = [];
  for await (const { id, text, answers, relevant, near, slices } of readJsonl<Row>(join(folder, 'questions.jsonl'))) {
    const gold = documents.get(relevant[0] ?? near ?? '');
    if (!gold) throw new ResiftError('invalid_input', `Question ${id} of the traps names a document that does not exist.`);
    questions.push({
      id: `traps/${id}`,
      text,
      answers,
      goldText: `${gold.title}\n${gold.text}`,
      ...(relevant.length > 0 && { judged: new Map(relevant.map((document) => [document, 1])) }),
      slices: [
        'traps',
        ...slices.filter((slice) => slice !== 'keywords'),
        ...shapeOf(text),
        ...(answers.length === 0 ? ['unanswerable'] : []),
      ],
    });
  }
  return { questions, documents: [...documents.values()] };
}
