import { ResiftError } from '@resift/core';
import { readBeir } from '@resift/eval/beir';
import { type Question, questionsOf } from '@resift/eval/experiment/data-set';
import { readJsonl } from '@resift/eval/jsonl';
import { z } from 'zod';
import type { EvalDocument } from './collection.ts';

/** Questions and the collection they are asked over. */
export interface QuestionSet {
  readonly questions: readonly Question[];
  readonly documents: readonly EvalDocument[];
}

const documentRow: z.ZodType<EvalDocument> = z.object({
  id: z.string().min(1),
  text: z.string().min(1),
  title: z.string().optional(),
  url: z.string().optional(),
});
interface QuestionRow {
  readonly id: string;
  readonly text: string;
  readonly answers?: readonly string[] | undefined;
  readonly relevant?: readonly string[] | Readonly<Record<string, number>> | undefined;
  readonly slices?: readonly string[] | undefined;
}

const questionRow: z.ZodType<QuestionRow> = z.object({
  id: z.string().min(1),
  text: z.string().min(1),
  /** Empty: the collection holds no answer. Absent: not known. */
  answers: z.array(z.string()).optional(),
  /** Document ids, or grades by id. */
  relevant: z.union([z.array(z.string()), z.record(z.string(), z.number().int())]).optional(),
  slices: z.array(z.string()).optional(),
});

/** Reads `questions.jsonl` ({id, text, answers?, relevant?, slices?}) and `documents.jsonl` ({id, text, title?, url?}). A wrong row, an unknown or repeated id is `invalid_input` with its place. */
export async function readQuestionFiles(questionsPath: string, documentsPath: string): Promise<QuestionSet> {
  const documents = new Map<string, EvalDocument>();
  for await (const document of rows(documentsPath, documentRow)) {
    if (documents.has(document.id)) throw new ResiftError('invalid_input', `${documentsPath}: the id "${document.id}" occurs twice.`);
    documents.set(document.id, document);
  }
  const questions: Question[] = [];
  for await (const { relevant, answers, slices, ...question } of rows(questionsPath, questionRow)) {
    const judged = new Map<string, number>(Array.isArray(relevant) ? relevant.map((id) => [id, 1]) : Object.entries(relevant ?? {}));
    const stranger = [...judged.keys()].find((id) => !documents.has(id));
    if (stranger !== undefined) {
      throw new ResiftError(
        'invalid_input',
        `${questionsPath}: question "${question.id}" names document "${stranger}", which ${documentsPath} does not have.`,
      );
    }
    const [gold] = [...judged].sort(([, a], [, b]) => b - a);
    questions.push({
      ...question,
      ...(judged.size > 0 && { judged }),
      ...(gold && { goldText: documents.get(gold[0])!.text }),
      ...(answers && { answers }),
      ...(slices && { slices }),
    });
  }
  return { questions, documents: [...documents.values()] };
}

/** A BEIR folder as a question set. */
export async function readBeirQuestions(folder: string): Promise<QuestionSet> {
  const { corpus, queries, qrels } = await readBeir(folder);
  return {
    questions: questionsOf(queries, qrels),
    documents: corpus.map(({ id, title, text }) => ({ id, text: text.trim() === '' ? title : text, ...(title && { title }) })),
  };
}

async function* rows<T>(path: string, schema: z.ZodType<T>): AsyncGenerator<T> {
  let number = 0;
  for await (const row of readJsonl(path)) {
    number += 1;
    const parsed = schema.safeParse(row);
    if (!parsed.success) throw new ResiftError('invalid_input', `${path}, record ${number}: ${z.prettifyError(parsed.error)}`);
    yield parsed.data;
  }
}
