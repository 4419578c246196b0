import { ResiftError } from '@resift/core';
import {
  answerInContextAt,
  answerMetrics,
  citationMetrics,
  goldInContextAt,
  groundedAnswersOf,
  groundedShareOf,
  verdictMetrics,
} from '@resift/eval/experiment/answer-metrics';
import { dataSet } from '@resift/eval/experiment/data-set';
import { type Metric, rankingOf } from '@resift/eval/experiment/metric';
import type { ExperimentResult } from '@resift/eval/experiment/result';
import { runExperiment } from '@resift/eval/experiment/run-experiment';
import { groundednessJudge } from '@resift/eval/judge/groundedness';
import type { Judge } from '@resift/eval/judge/judge';
import { lexicalJudge } from '@resift/eval/judge/lexical';
import { remembered } from '@resift/eval/judge/remembered';
import { rankingMetric } from '@resift/eval/ranking/by-name';
import { chatGenerator, extractive } from '@resift/rag';
import type { RerankerSize } from 'resift';
import { answerSystem } from 'resift/evaluation/answer-system';
import { createMemory } from 'resift/evaluation/memory';
import type { FirstStage } from 'resift/evaluation/search-system';
import { everyNth } from '../datasets/every-nth.ts';
import { beirSet, type QuestionSet, qaSet, together } from '../datasets/question-sets.ts';
import { trapsSet } from '../datasets/traps-set.ts';
import { chatFromEnvironment } from '../src/chat-from-environment.ts';
import { storedCollection } from '../src/stored-collection.ts';
import type { Workbench } from '../src/workbench.ts';

export interface HeadlineOptions {
  /** Sets of `qa/`, sets of `beir/` with the prefix `beir:`, and `traps`. Default: the two that the claim is made on. */
  readonly sets?: readonly string[] | undefined;
  readonly firstStages?: readonly FirstStage[] | undefined;
  readonly rerankers?: readonly RerankerSize[] | undefined;
  readonly topN?: readonly number[] | undefined;
  readonly candidates?: number | undefined;
  readonly limit?: number | undefined;
  /** Adds the contexts of the other rows to the collection. */
  readonly distractors?: boolean | undefined;
  /** Who says whether a context carries an answer. Default: the embedded groundedness model. */
  readonly judge?: 'model' | 'lexical' | undefined;
}

/** The claim of the project, measured: the same questions through the same pipeline, with and without a reranker. Everything else stays equal. */
export async function headlineExperiment(bench: Workbench, options: HeadlineOptions = {}): Promise<ExperimentResult> {
  const {
    sets = ['squad2_dev', 'nq_oracle'],
    firstStages = ['bm25', 'hybrid'],
    rerankers = ['cascade'],
    topN = [3],
    candidates = 100,
    limit,
  } = options;
  const { models, progress } = bench;
  const { questions, documents } = together(await Promise.all(sets.map((name) => questionSet(bench.data, name, options.distractors))));
  const asked = everyNth(questions, limit);

  const collection = await storedCollection(bench, documents);
  bench.say(`${asked.length} questions over ${collection.documents} documents (${collection.passages} passages)`);

  const memory = createMemory(bench.kept);
  const chat = chatFromEnvironment();
  const generator = chat ? chatGenerator(chat) : extractive(memory.reader(await models.reader()));
  const judge = remembered(options.judge === 'lexical' ? lexicalJudge() : groundednessJudge(await models.groundedness()), bench.kept);
  const opened = await Promise.all(rerankers.map(async (name) => ({ name, model: await models.reranker(name) })));
  const systems = firstStages.flatMap((firstStage) =>
    topN.flatMap((n) =>
      [undefined, ...opened].map((reranker) => ({
        ...answerSystem({
          collection,
          firstStage,
          reranker,
          candidates,
          generator,
          tokenizer: models.tokenizer,
          topN: n,
          memory,
          seeded: chat !== undefined,
        }),
        ...(reranker && { against: `${firstStage}, top ${n}` }),
      })),
    ),
  );

  try {
    return await runExperiment(
      {
        name: `headline${candidates === 100 ? '' : `, pools of ${candidates}`}: ${sets.join(', ')}; generator ${generator.id}; judge ${judge.id}`,
        dataSet: dataSet(sets.join('+'), asked, documents),
        systems,
        metrics: metricsOf(judge, topN, chat !== undefined),
      },
      await bench.runOptions(['headline', ...sets, ...(options.distractors ? ['distractors'] : [])].join('-').replaceAll(':', '_')),
    );
  } finally {
    progress.done();
    await collection.store.close();
  }
}

/** What decides comes first; details are left out of slices. */
function metricsOf(judge: Judge, topN: readonly number[], chat: boolean): Metric[] {
  const [rate, share, right, ...others] = verdictMetrics(judge);
  const [goldOnly] = verdictMetrics(judge, { supportedBy: 'none' });
  const [byGold] = verdictMetrics(judge, { supportedBy: 'gold' });
  const [exact, f1, abstention] = answerMetrics;
  const detail = (metric: Metric): Metric => ({ ...metric, detail: true });
  return [
    ...[rate!, goldOnly!, right!, f1!, abstention!],
    ...topN.flatMap((n) => [answerInContextAt(n), goldInContextAt(n)]),
    ...['nDCG@10', 'P@5', 'R@10', 'R@100'].map((name) => rankingOf(rankingMetric(name))),
    // Sentences of a chat model are claims of their own; an extracted answer is one claim, which the verdicts judge anyway.
    chat ? groundedShareOf(judge) : groundedAnswersOf(judge),
    ...[byGold!, share!, ...others, exact!, ...citationMetrics(judge)].map(detail),
  ];
}

async function questionSet(data: string, name: string, distractors: boolean | undefined): Promise<QuestionSet> {
  if (name === 'traps') return trapsSet();
  if (name.startsWith('beir:')) return beirSet(data, name.slice('beir:'.length));
  if (/^(?:squad2_dev|nq_oracle|squadshifts_\w+)$/.test(name)) return qaSet(data, name, { distractors });
  throw new ResiftError('invalid_input', `Unknown question set "${name}": expected a set of qa/, beir:<set>, or traps.`);
}
