import { isAbsolute, join } from 'node:path';
import { type ChatModel, ResiftError } from '@resift/core';
import {
  answerInContextAt,
  answerMetrics,
  citationMetrics,
  goldInContextAt,
  groundedShareOf,
  verdictMetrics,
} from '@resift/eval/experiment/answer-metrics';
import { dataSet } from '@resift/eval/experiment/data-set';
import { latencyOf, type Metric, rankingOf } from '@resift/eval/experiment/metric';
import type { Experiment } from '@resift/eval/experiment/run-experiment';
import type { System } from '@resift/eval/experiment/system';
import { groundednessJudge } from '@resift/eval/judge/groundedness';
import { remembered } from '@resift/eval/judge/remembered';
import { rankingMetric } from '@resift/eval/ranking/by-name';
import { chatGenerator, extractive } from '@resift/rag';
import type { Models } from '../open-models.ts';
import { answerSystem } from './answer-system.ts';
import { openCollection } from './collection.ts';
import { type ExperimentSpec, readExperimentSpec } from './experiment-spec.ts';
import { createMemory } from './memory.ts';
import { readBeirQuestions, readQuestionFiles } from './question-file.ts';
import { searchSystem } from './search-system.ts';

export interface SpecSurroundings {
  readonly models: Models;
  /** Where stored collections go. */
  readonly runs: string;
  /** The folder of the file. */
  readonly folder: string;
  readonly chat?: ChatModel | undefined;
  readonly onProgress?: ((text: string) => void) | undefined;
}

/** Checks a spec, stores its collection and puts its systems together. Close it after the run. Every mistake of the spec is named at once. */
export async function openExperiment(
  given: unknown,
  { models, runs, folder, chat, onProgress }: SpecSurroundings,
): Promise<{ experiment: Experiment; close(): Promise<void> }> {
  const spec = readExperimentSpec(given);
  if (spec.generator === 'chat' && !chat) {
    throw new ResiftError('invalid_config', 'generator: chat needs a chat model: set RESIFT_CHAT_URL and RESIFT_CHAT_MODEL.');
  }
  const ranking = spec.metrics.map((name) => rankingOf(rankingMetric(name)));
  const at = (file: string) => (isAbsolute(file) ? file : join(folder, file));
  const { questions, documents } =
    'beir' in spec.data
      ? await readBeirQuestions(at(spec.data.beir))
      : await readQuestionFiles(at(spec.data.questions), at(spec.data.documents));

  const collection = await openCollection(documents, {
    runs,
    embedder: await models.embedder(),
    tokenizer: models.tokenizer,
    onProgress: (done) => onProgress?.(`storing ${done} of ${documents.length} documents`),
  });
  try {
    const systems = await systemsOf(spec, models, chat, collection);
    const answers = spec.generator === 'none' ? [] : await answerMetricsOf(spec, models);
    return {
      experiment: {
        name: spec.name,
        dataSet: dataSet(spec.name, questions, documents),
        systems,
        metrics: [...ranking, ...answers, latencyOf()],
        seeds: spec.seeds,
      },
      close: () => collection.store.close(),
    };
  } catch (error) {
    await collection.store.close();
    throw error;
  }
}

async function systemsOf(
  spec: Required<ExperimentSpec>,
  models: Models,
  chat: ChatModel | undefined,
  collection: Awaited<ReturnType<typeof openCollection>>,
): Promise<System[]> {
  const rerankers = await Promise.all(
    spec.rerankers.map(async (name) => (name === 'none' ? undefined : { name, model: await models.reranker(name) })),
  );
  const memory = createMemory();
  const generator =
    spec.generator === 'none'
      ? undefined
      : spec.generator === 'chat'
        ? chatGenerator(chat!)
        : extractive(memory.reader(await models.reader()));
  return spec.firstStages.flatMap((firstStage) =>
    (generator ? spec.topN : [0]).flatMap((topN) => {
      const made = rerankers.map((reranker) => {
        const search = { collection, firstStage, reranker, candidates: spec.candidates };
        return generator
          ? answerSystem({ ...search, generator, tokenizer: models.tokenizer, topN, memory, seeded: spec.generator === 'chat' })
          : searchSystem(search);
      });
      return made.map((system, i) => (i === 0 ? system : { ...system, against: made[0]!.id }));
    }),
  );
}

async function answerMetricsOf(spec: Required<ExperimentSpec>, models: Models): Promise<Metric[]> {
  const judge = remembered(groundednessJudge(await models.groundedness()));
  return [
    ...verdictMetrics(judge),
    ...answerMetrics,
    ...spec.topN.flatMap((n) => [answerInContextAt(n), goldInContextAt(n)]),
    groundedShareOf(judge),
    ...citationMetrics(judge),
  ];
}
