import type { ExperimentResult } from '@resift/eval/experiment/result';
import type { Workbench } from '../src/workbench.ts';
import { type HeadlineOptions, headlineExperiment } from './headline.ts';
import { searchSlicesExperiment } from './search-slices.ts';

export interface HeadlineTable {
  /** Of the files in `results/`. */
  readonly file: string;
  run(bench: Workbench, limit: number | undefined): Promise<ExperimentResult>;
}

const answers = (file: string, options: HeadlineOptions): HeadlineTable => ({
  file,
  run: (bench, limit) => headlineExperiment(bench, { ...options, limit }),
});

const ALL = ['tiny', 'mini', 'cascade'] as const;

/** What `npm run eval -- headline` measures, most important first; each table is written when it is done. */
export const HEADLINE_TABLES: readonly HeadlineTable[] = [
  answers('headline', { firstStages: ['bm25', 'dense', 'hybrid'], rerankers: ALL, topN: [3] }),
  answers('headline-traps', { sets: ['traps'], firstStages: ['bm25', 'hybrid'], rerankers: ALL, topN: [3] }),
  { file: 'headline-search', run: (bench, limit) => searchSlicesExperiment(bench, { limit }) },
  // Few candidates leave a reranker little to choose from.
  answers('headline-pools', { firstStages: ['bm25', 'hybrid'], rerankers: ['cascade'], topN: [3], candidates: 15 }),
  answers('headline-top5', { firstStages: ['bm25', 'dense', 'hybrid'], rerankers: ALL, topN: [5] }),
];
