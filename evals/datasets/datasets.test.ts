import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { answerInContext } from '@resift/eval/answer/answer-in-context';
import { expect, it } from 'vitest';
import { isEvaluationPassage } from './evaluation-rows.ts';
import { everyNth } from './every-nth.ts';
import { groundedRows } from './grounded-sets.ts';
import { beirSet, qaSet, shapeOf, together } from './question-sets.ts';
import { trapsSet } from './traps-set.ts';

const data = join(import.meta.dirname, '../../../shared/data');

it('holds a set of its own whose answers stand in their documents', async () => {
  const { questions, documents } = await trapsSet();
  expect(questions).toHaveLength(466);
  expect(documents).toHaveLength(130);
  const texts = new Map(documents.map(({ id, title, text }) => [id, `${title}\n${text}`]));
  for (const { id, text, answers = [], judged, goldText } of questions) {
    if (answers.length === 0) expect(judged, text).toBeUndefined();
    else {
      const relevant = [...judged!.keys()].map((document) => texts.get(document)!);
      expect(answerInContext(relevant, answers), `${id} ${text}`).toBe(1);
    }
    if (goldText !== undefined || answers.length > 0) expect([...texts.values()]).toContain(goldText);
  }
  const slices = new Set(questions.flatMap(({ slices = [] }) => slices));
  for (const wanted of [
    'near-duplicate',
    'outdated version',
    'distractor',
    'paraphrase',
    'unanswerable',
    'jargon',
    'semi-structured',
    'keywords',
    'natural question',
    'short',
  ]) {
    expect(slices).toContain(wanted);
  }
});

it('takes only evaluation rows of the public sets', async ({ skip }) => {
  skip(!existsSync(data), '../shared/data is absent');
  const { questions, documents } = await qaSet(data, 'squad2_dev');
  expect(questions).toHaveLength(580);
  expect(documents).toHaveLength(62);
  expect(documents.every(({ text }) => isEvaluationPassage(text))).toBe(true);
  expect(questions.filter(({ answers }) => answers!.length === 0)).toHaveLength(580 - 266);
  const more = await qaSet(data, 'squad2_dev', { distractors: true });
  expect(more.documents).toHaveLength(301);
  expect(more.questions.map(({ text }) => text)).toEqual(questions.map(({ text }) => text));
  const rows = await groundedRows(data, { most: 50 });
  expect(rows.every(({ context }) => isEvaluationPassage(context))).toBe(true);
  expect(rows).toHaveLength(8 * 50);
  expect(await groundedRows(data, { most: 50 })).toEqual(rows);
});

it('puts sets together without mixing their ids', async ({ skip }) => {
  skip(!existsSync(data), '../shared/data is absent');
  const sets = await Promise.all([beirSet(data, 'musique_100'), beirSet(data, 'hotpotqa_100')]);
  const { questions, documents } = together(sets);
  expect(questions).toHaveLength(200);
  expect(new Set(documents.map(({ id }) => id)).size).toBe(documents.length);
  expect(questions[0]!.slices).toContain('multi-hop');
  expect(() => together([sets[0]!, sets[0]!])).toThrow('share a document id');
});

it('tells keywords from questions', () => {
  expect(shapeOf('nimbus r5 E07')).toEqual(['keywords', 'short']);
  expect(shapeOf('who got the first nobel prize in physics')).toEqual(['natural question']);
  expect(shapeOf('In what country is Normandy located?')).toEqual(['natural question']);
});

it('samples evenly', () => {
  const list = Array.from({ length: 100 }, (_, i) => i);
  expect(everyNth(list, undefined)).toEqual(list);
  expect(everyNth(list, 10)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
  expect(everyNth(list, 1000)).toEqual(list);
  expect(everyNth(list, 1)).toEqual([0]);
});
