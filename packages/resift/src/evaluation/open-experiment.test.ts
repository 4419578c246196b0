import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReranker, type Embedder, type GroundednessModel, type SpanReader, type Tokenizer } from '@resift/core';
import { provenance } from '@resift/eval/experiment/provenance';
import { average } from '@resift/eval/experiment/result';
import { runExperiment } from '@resift/eval/experiment/run-experiment';
import { beforeEach, expect, it } from 'vitest';
import type { Models } from '../open-models.ts';
import { openCollection } from './collection.ts';
import { readExperimentSpec } from './experiment-spec.ts';
import { openExperiment } from './open-experiment.ts';
import { readQuestionFiles } from './question-file.ts';

const tokenizer: Tokenizer = {
  count: (text) => text.split(/\s+/).length,
  truncate: (text, most) => text.split(/\s+/).slice(0, most).join(' '),
};
/** Letters as dimensions: enough for similar words to be near. */
const embedder: Embedder = {
  id: 'letters',
  dimensions: 26,
  embed: async (texts) => ({
    vectors: texts.map((text) => {
      const counts = new Float32Array(26);
      for (const letter of text.toLowerCase()) if (/[a-z]/.test(letter)) counts[letter.charCodeAt(0) - 97]! += 1;
      const length = Math.hypot(...counts) || 1;
      return counts.map((count) => count / length);
    }),
    usage: {},
  }),
};
const shortestFirst = createReranker({
  id: 'short',
  scale: 'probability',
  score: async (_, texts) => ({ values: texts.map((text) => 20 / text.length) }),
});
const reader: SpanReader = {
  id: 'first words',
  threshold: 0.5,
  read: async (_, passages) => ({
    spans: passages.map((text) => [{ start: 0, end: 8, text: text.slice(0, 8), probability: 0.9 }]),
    usage: { calls: 1 },
  }),
};
const ground: GroundednessModel = {
  id: 'yes',
  threshold: 0.5,
  check: async (_, claims) => ({ probabilities: claims.map(() => 0.9), usage: {} }),
};
const models = {
  version: 'fake',
  tokenizer,
  embedder: async () => embedder,
  reranker: async () => shortestFirst,
  reader: async () => reader,
  groundedness: async () => ground,
} as unknown as Models;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resift-spec-'));
  await writeFile(
    join(folder, 'documents.jsonl'),
    [
      { id: 'long', text: 'The harbour bridge of Sund was built by many people over many years and was opened in 1903 at last.' },
      { id: 'short', text: 'The harbour bridge opened in 1903.' },
      { id: 'other', text: 'Tea and coffee are drinks.' },
    ]
      .map((row) => JSON.stringify(row))
      .join('\n'),
  );
  await writeFile(
    join(folder, 'questions.jsonl'),
    [
      { id: 'q1', text: 'When was the harbour bridge opened?', answers: ['1903'], relevant: ['short'], slices: ['dates'] },
      { id: 'q2', text: 'Who drinks tea on the harbour bridge?', answers: [] },
    ]
      .map((row) => JSON.stringify(row))
      .join('\n'),
  );
});
const surroundings = () => ({ models, folder, runs: join(folder, 'runs') });
const spec = { name: 'mine', data: { questions: 'questions.jsonl', documents: 'documents.jsonl' } };

it('runs an experiment from a few lines, through the served pipeline', async () => {
  const { experiment, close } = await openExperiment(
    {
      ...spec,
      firstStages: ['bm25', 'hybrid'],
      rerankers: ['none', 'mini'],
      generator: 'extractive',
      topN: [1],
      metrics: ['nDCG@10', 'P@1'],
    },
    surroundings(),
  );
  const result = await runExperiment(experiment, { journal: join(folder, 'journal.jsonl'), provenance: await provenance(folder) });
  await close();
  expect(result.valid).toBe(true);
  expect(result.systems.map(({ id, against }) => [id, against])).toEqual([
    ['bm25, top 1', undefined],
    ['bm25 + mini, top 1', 'bm25, top 1'],
    ['hybrid, top 1', undefined],
    ['hybrid + mini, top 1', 'hybrid, top 1'],
  ]);
  const reranked = result.systems[1]!;
  expect(average(result, reranked, 'P@1')).toEqual({ mean: 1, n: 1 });
  expect(average(result, reranked, 'gold passage@1').mean).toBe(1);
  // The reader asserts always: right once, and wrong on the question without an answer.
  expect(average(result, reranked, 'hallucination rate')).toEqual({ mean: 0.5, n: 2 });
  expect(average(result, reranked, 'right answer')).toEqual({ mean: 0.5, n: 2 });
  expect(reranked.answers[0]).toContain('1903');
});

it('stores a collection once', async () => {
  const messages: string[] = [];
  for (const _ of [1, 2]) {
    const { close } = await openExperiment(spec, { ...surroundings(), onProgress: (text) => messages.push(text) });
    await close();
  }
  expect(messages).toEqual(['storing 3 of 3 documents']);
});

it('stores only what a kill left out', async () => {
  const embedded: string[] = [];
  let dies = true;
  const dying: Embedder = {
    ...embedder,
    async embed(texts, kind) {
      if (kind === 'document' && dies && embedded.length > 0) throw new Error('killed');
      if (kind === 'document') embedded.push(...texts);
      return embedder.embed(texts, kind);
    },
  };
  // More passages than one group holds, so that the first is stored before the second fails.
  const documents = Array.from({ length: 300 }, (_, i) => ({ id: `d${i}`, text: `Document number ${i} of many.` }));
  const options = { runs: join(folder, 'runs'), embedder: dying, tokenizer };
  await expect(openCollection(documents, options)).rejects.toThrow('killed');
  dies = false;
  const collection = await openCollection(documents, options);
  await collection.store.close();
  expect(collection.documents).toBe(300);
  expect(embedded).toHaveLength(300);
});

it('names every mistake of a spec at once', () => {
  expect(() => readExperimentSpec({ name: '', data: { beir: 'x' }, rerankers: ['huge'], topn: 3 })).toThrow(
    /name[\s\S]*rerankers[\s\S]*|topn/,
  );
  for (const named of ['at name', 'at rerankers[0]', 'topn']) {
    expect(() => readExperimentSpec({ name: '', data: { beir: 'x' }, rerankers: ['huge'], topn: 3 })).toThrow(named);
  }
});

it.each([
  ['a metric that does not exist', { ...spec, metrics: ['nDCG@10', 'nope'] }, 'Unknown ranking metric'],
  ['a chat model that is not there', { ...spec, generator: 'chat' }, 'RESIFT_CHAT_URL'],
  ['files that do not exist', { ...spec, data: { questions: 'questions.jsonl', documents: 'nowhere.jsonl' } }, 'There is no file'],
  ['a BEIR folder that is none', { ...spec, data: { beir: '.' } }, 'BEIR layout'],
])('refuses %s', async (_, given, named) => {
  await expect(openExperiment(given, surroundings())).rejects.toThrow(named);
});

it('names the row of a question file that is wrong', async () => {
  const paths = [join(folder, 'questions.jsonl'), join(folder, 'documents.jsonl')] as const;
  expect((await readQuestionFiles(...paths)).questions[0]).toMatchObject({
    goldText: 'The harbour bridge opened in 1903.',
    slices: ['dates'],
  });
  await writeFile(paths[0], '{"id":"q1","text":"x","relevant":["nowhere"]}');
  await expect(readQuestionFiles(...paths)).rejects.toThrow('names document "nowhere"');
  await writeFile(paths[0], '{"id":"q1"}');
  await expect(readQuestionFiles(...paths)).rejects.toThrow('record 1');
  await writeFile(paths[1], '{"id":"d","text":"a"}\n{"id":"d","text":"b"}');
  await expect(readQuestionFiles(...paths)).rejects.toThrow('"d" occurs twice');
});
