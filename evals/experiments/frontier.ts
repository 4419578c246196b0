import { dataSet } from '@resift/eval/experiment/data-set';
import { rankingOf } from '@resift/eval/experiment/metric';
import { average, type ExperimentResult } from '@resift/eval/experiment/result';
import { runExperiment } from '@resift/eval/experiment/run-experiment';
import { rankingMetric } from '@resift/eval/ranking/by-name';
import type { RerankerSize } from 'resift';
import { openCollection } from 'resift/evaluation/collection';
import { type FirstStage, searchSystem } from 'resift/evaluation/search-system';
import { beirSet } from '../datasets/question-sets.ts';
import type { Workbench } from '../src/workbench.ts';

export interface FrontierOptions {
  readonly set?: string | undefined;
  readonly firstStage?: FirstStage | undefined;
  readonly rerankers?: readonly RerankerSize[] | undefined;
  readonly limit?: number | undefined;
}

export const CANDIDATE_COUNTS: readonly number[] = [10, 20, 50, 100, 200];
/** A step to more candidates that gains less than this does not help. */
const HELPS_FROM = 0.002;

/** Quality against latency over model sizes and candidate counts. Open the models without kept encodings, or the times are not a server's. */
export async function frontierExperiment(
  bench: Workbench,
  { set = 'scifact', firstStage = 'bm25', rerankers = ['tiny', 'cascade', 'mini'], limit }: FrontierOptions = {},
): Promise<ExperimentResult> {
  const { questions, documents } = await beirSet(bench.data, set);
  const collection = await openCollection(documents, {
    runs: bench.runs,
    embedder: await bench.models.embedder(),
    tokenizer: bench.models.tokenizer,
    onProgress: (done) => bench.progress.show(`storing ${done} of ${documents.length} documents`),
  });
  const read = await Promise.all(rerankers.map(async (name) => ({ name, model: await bench.models.reranker(name) })));
  const systems = [
    searchSystem({ collection, firstStage, candidates: 100 }),
    ...read.flatMap((reranker) =>
      CANDIDATE_COUNTS.map((candidates) => ({
        ...searchSystem({ collection, firstStage, reranker, candidates }),
        id: `${reranker.name}, ${candidates} candidates`,
      })),
    ),
  ];
  try {
    return await runExperiment(
      {
        name: `frontier: ${firstStage} on ${set}`,
        dataSet: dataSet(set, questions.slice(0, limit), documents),
        systems,
        metrics: ['nDCG@10', 'P@5', 'RR@10'].map((name) => rankingOf(rankingMetric(name))),
      },
      await bench.runOptions(`frontier-${set}`),
    );
  } finally {
    bench.progress.done();
    await collection.store.close();
  }
}

/** For each model the number of candidates from which more do not help, in one sentence. */
export function frontierVerdicts(result: ExperimentResult, metric = 'nDCG@10'): string[] {
  const names = [...new Set(result.systems.flatMap(({ id }) => /^(\w+), \d+ candidates$/.exec(id)?.[1] ?? []))];
  return names.map((name) => {
    const means = CANDIDATE_COUNTS.flatMap((count) => {
      const system = result.systems.find(({ id }) => id === `${name}, ${count} candidates`);
      return system ? [{ count, mean: average(result, system, metric).mean }] : [];
    });
    const best = Math.max(...means.map(({ mean }) => mean));
    const enough = means.find(({ mean }) => mean > best - HELPS_FROM)!;
    return `${name}: ${metric} ${enough.mean.toFixed(4)} at ${enough.count} candidates; more gain less than ${HELPS_FROM}.`;
  });
}
