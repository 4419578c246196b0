import { join } from 'node:path';
import { dataSet, type Question } from '@resift/eval/experiment/data-set';
import { rankingOf } from '@resift/eval/experiment/metric';
import type { ExperimentResult } from '@resift/eval/experiment/result';
import { runExperiment } from '@resift/eval/experiment/run-experiment';
import type { System } from '@resift/eval/experiment/system';
import { rankingMetric } from '@resift/eval/ranking/by-name';
import { type Models, openModels, type RerankerSize } from 'resift';
import type { OpenedCollection } from 'resift/evaluation/collection';
import { readBeirQuestions } from 'resift/evaluation/question-file';
import { type FirstStage, searchSystem } from 'resift/evaluation/search-system';
import { everyNth } from '../datasets/every-nth.ts';
import { storedCollection } from '../src/stored-collection.ts';
import type { Workbench } from '../src/workbench.ts';

export interface FrontierOptions {
  readonly set?: string | undefined;
  readonly firstStage?: FirstStage | undefined;
  readonly rerankers?: readonly RerankerSize[] | undefined;
  readonly limit?: number | undefined;
  /** Questions whose time is taken. Default 6, spread over the set. */
  readonly timed?: number | undefined;
}

export interface Frontier {
  readonly result: ExperimentResult;
  readonly questions: readonly Question[];
  /** How many questions the times come from. */
  readonly timed: number;
}

export const CANDIDATE_COUNTS: readonly number[] = [10, 20, 50, 100, 200];

/**
 * Quality against time over model sizes and numbers of candidates. Quality comes from all questions; encodings of documents are kept between
 * them, which changes no score. Time comes from a sample of the questions, asked of models that keep nothing, as a first search on a server:
 * processor time of the whole process (`cpu`, which other work on the machine hardly moves) beside the clock's.
 */
export async function frontierExperiment(bench: Workbench, options: FrontierOptions = {}): Promise<Frontier> {
  const { set = 'scifact', firstStage = 'bm25', rerankers = ['tiny', 'cascade', 'mini'], limit, timed = 6 } = options;
  const all = await readBeirQuestions(join(bench.data, 'beir', set));
  const questions = everyNth(all.questions, limit);
  const sample = everyNth(questions, timed);
  const collection = await storedCollection(bench, all.documents);
  const metrics = ['nDCG@10', 'P@5', 'RR@10', 'R@10'].map((name) => rankingOf(rankingMetric(name)));
  const fresh = await openModels();
  try {
    const quality = await runExperiment(
      {
        name: `frontier: ${firstStage} on ${set}`,
        dataSet: dataSet(set, questions, all.documents),
        systems: await systemsOf(collection, firstStage, rerankers, bench.models),
        metrics,
      },
      await bench.runOptions(`frontier-${set}`),
    );
    bench.say(`Quality of ${questions.length} questions is known; taking the time of ${sample.length}.`);
    const times = await runExperiment(
      {
        name: 'times',
        dataSet: dataSet(`${set}, timed`, sample, all.documents),
        systems: (await systemsOf(collection, firstStage, rerankers, fresh)).map(withProcessorTime),
        metrics,
      },
      await bench.runOptions(`frontier-${set}-times`),
    );
    const systems = quality.systems.map((system, i) => ({ ...system, stages: times.systems[i]!.stages }));
    return { result: { ...quality, systems }, questions, timed: sample.length };
  } finally {
    bench.progress.done();
    await fresh.close();
    await collection.store.close();
  }
}

async function systemsOf(
  collection: OpenedCollection,
  firstStage: FirstStage,
  rerankers: readonly RerankerSize[],
  models: Models,
): Promise<System[]> {
  const read = await Promise.all(rerankers.map(async (name) => ({ name, model: await models.reranker(name) })));
  return [
    searchSystem({ collection, firstStage, candidates: 100 }),
    ...read.flatMap((reranker) =>
      CANDIDATE_COUNTS.map((candidates) => ({
        ...searchSystem({ collection, firstStage, reranker, candidates }),
        id: `${reranker.name}, ${candidates} candidates`,
      })),
    ),
  ];
}

/** One question at a time, so that what the process spends meanwhile is what the question costs. */
function withProcessorTime(system: System): System {
  return {
    ...system,
    async ask(question, options) {
      const before = process.cpuUsage();
      const outcome = await system.ask(question, options);
      const { user, system: kernel } = process.cpuUsage(before);
      return { ...outcome, stages: { ...outcome.stages, cpu: (user + kernel) / 1000 } };
    },
  };
}
