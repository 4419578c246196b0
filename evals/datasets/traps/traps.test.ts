import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

interface Text {
  readonly _id: string;
  readonly title: string;
  readonly text: string;
}
interface Question {
  readonly _id: string;
  readonly text: string;
  readonly metadata: { readonly answers: readonly string[]; readonly answerable: boolean; readonly slice: string };
}

const read = (name: string) =>
  readFileSync(join(import.meta.dirname, name), 'utf8')
    .trim()
    .split('\n');
const corpus = read('corpus.jsonl').map((line) => JSON.parse(line) as Text);
const questions = read('queries.jsonl').map((line) => JSON.parse(line) as Question);
const judged = read('qrels/test.tsv')
  .slice(1)
  .map((line) => line.split('\t') as [string, string, string]);
const texts = new Map(corpus.map((text) => [text._id, text]));

it('is large enough, with unique ids and questions', () => {
  expect(corpus.length).toBeGreaterThanOrEqual(60);
  expect(questions.length).toBeGreaterThanOrEqual(150);
  expect(texts.size).toBe(corpus.length);
  expect(new Set(questions.map(({ _id }) => _id)).size).toBe(questions.length);
  expect(new Set(questions.map(({ text }) => text)).size).toBe(questions.length);
});

it('judges every answerable question and no other', () => {
  const withJudgement = new Set(judged.map(([query]) => query));
  for (const { _id, metadata } of questions) expect([_id, withJudgement.has(_id)]).toEqual([_id, metadata.answerable]);
  expect(judged.filter(([, document]) => !texts.has(document))).toEqual([]);
});

it('holds every answer word for word in a relevant document', () => {
  for (const { _id, metadata } of questions) {
    const relevant = judged.filter(([query]) => query === _id).map(([, document]) => texts.get(document)!);
    expect([_id, metadata.answers.length > 0]).toEqual([_id, metadata.answerable]);
    for (const answer of metadata.answers) {
      expect([_id, relevant.some(({ title, text }) => `${title}\n${text}`.includes(answer))]).toEqual([_id, true]);
    }
  }
});

it('has enough of each trap', () => {
  const count = (slice: string) => questions.filter(({ metadata }) => metadata.slice === slice).length;
  for (const slice of ['near-duplicate', 'outdated', 'distractor', 'unanswerable', 'paraphrase'])
    expect(count(slice)).toBeGreaterThanOrEqual(15);
});
