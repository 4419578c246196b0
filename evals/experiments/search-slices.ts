import { dataSet } from '@resift/eval/experiment/data-set';
import { rankingOf } from '@resift/eval/experiment/metric';
import type { ExperimentResult } from '@resift/eval/experiment/result';
import { runExperiment } from '@resift/eval/experiment/run-experiment';
import { rankingMetric } from '@resift/eval/ranking/by-name';
import type { RerankerSize } from 'resift';
import { type FirstStage, searchSystem } from 'resift/evaluation/search-system';
import { everyNth } from '../datasets/every-nth.ts';
import { beirSet, together } from '../datasets/question-sets.ts';
import { storedCollection } from '../src/stored-collection.ts';
import type { Workbench } from '../src/workbench.ts';

export interface SearchSlicesOptions {
  /** Folders of `beir/`. Default: multi-hop questions, medical and computing jargon, software documentation. */
  readonly sets?: readonly string[] | undefined;
  readonly firstStages?: readonly FirstStage[] | undefined;
  readonly rerankers?: readonly RerankerSize[] | undefined;
  readonly limit?: number | undefined;
}

/** What has judgements but no answers: ranking quality with and without a reranker by kind of question, all sets in one collection. */
export async function searchSlicesExperiment(bench: Workbench, options: SearchSlicesOptions = {}): Promise<ExperimentResult> {
  const {
    sets = ['musique_100', 'hotpotqa_100', 'med', 'cacm', 'anthropic_docs'],
    firstStages = ['bm25', 'dense', 'hybrid'],
    rerankers = ['tiny', 'mini', 'cascade'],
    limit,
  } = options;
  const { models, progress } = bench;
  const { questions, documents } = together(await Promise.all(sets.map((name) => beirSet(bench.data, name))));
  const asked = everyNth(questions, limit);
  const collection = await storedCollection(bench, documents);
  bench.say(`${asked.length} questions over ${collection.documents} documents (${collection.passages} passages)`);
  try {
    const opened = await Promise.all(rerankers.map(async (name) => ({ name, model: await models.reranker(name) })));
    return await runExperiment(
      {
        name: `headline, search by kind of question: ${sets.join(', ')}`,
        dataSet: dataSet(sets.join('+'), asked, documents),
        systems: firstStages.flatMap((firstStage) =>
          [undefined, ...opened].map((reranker) => ({
            ...searchSystem({ collection, firstStage, reranker, candidates: 100 }),
            ...(reranker && { against: firstStage }),
          })),
        ),
        metrics: ['nDCG@10', 'P@5', 'R@10', 'R@100'].map((name) => rankingOf(rankingMetric(name))),
      },
      await bench.runOptions('search-slices'),
    );
  } finally {
    progress.done();
    await collection.store.close();
  }
}
