import { join } from 'node:path';
import { readBeir } from '@resift/eval/beir';
import { dataSet, questionsOf } from '@resift/eval/experiment/data-set';
import { rankingOf } from '@resift/eval/experiment/metric';
import type { ExperimentResult } from '@resift/eval/experiment/result';
import { runExperiment } from '@resift/eval/experiment/run-experiment';
import { rankingMetric } from '@resift/eval/ranking/by-name';
import { type FirstStage, searchSystem } from 'resift/evaluation/search-system';
import { storedCollection } from '../src/stored-collection.ts';
import type { Workbench } from '../src/workbench.ts';

export interface BeirOptions {
  /** A folder of `beir/`. Default `scifact`. */
  readonly set?: string | undefined;
  readonly rerankers?: readonly ('tiny' | 'mini' | 'cascade')[] | undefined;
  /** Passages per query; 200 give a hundred documents also where documents are cut in two. */
  readonly candidates?: number | undefined;
  /** Only the first so many queries, for a quick look. */
  readonly limit?: number | undefined;
}

const FIRST_STAGES: readonly FirstStage[] = ['bm25', 'dense', 'hybrid'];

/** Ranking quality of BM25, dense and hybrid retrieval over a BEIR collection, alone and reranked, through the code that serves. */
export async function beirExperiment(
  bench: Workbench,
  { set = 'scifact', rerankers = ['cascade'], candidates = 200, limit }: BeirOptions = {},
): Promise<ExperimentResult> {
  const { corpus, queries, qrels } = await readBeir(join(bench.data, 'beir', set));
  const { models, progress } = bench;
  const documents = corpus.map(({ id, title, text }) => ({ id, text: text.trim() === '' ? title : text, ...(title && { title }) }));
  const collection = await storedCollection(bench, documents);
  bench.say(
    `${set}: ${collection.documents} documents in ${collection.passages} passages${collection.ingestMs ? `, stored in ${(collection.ingestMs / 1000).toFixed(1)} s` : ' (stored before)'}`,
  );

  const read = await Promise.all(rerankers.map(async (name) => ({ name, model: await models.reranker(name) })));
  const systems = FIRST_STAGES.flatMap((firstStage) =>
    [undefined, ...read].map((reranker) => ({
      ...searchSystem({ collection, firstStage, reranker, candidates }),
      ...(reranker && { against: firstStage }),
    })),
  );
  try {
    return await runExperiment(
      {
        name: set,
        dataSet: dataSet(set, questionsOf(queries, qrels).slice(0, limit), corpus),
        systems,
        metrics: ['nDCG@10', 'R@100', 'P@5', 'R@10', 'RR@10'].map((name) => rankingOf(rankingMetric(name))),
      },
      await bench.runOptions(set),
    );
  } finally {
    progress.done();
    await collection.store.close();
  }
}
