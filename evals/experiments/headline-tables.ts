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

/** What `npm run eval -- headline` measures, most important first; each table is written when it is done. */
export const HEADLINE_TABLES: readonly HeadlineTable[] = [
  answers('headline', { firstStages: ['bm25', 'dense', 'hybrid'], rerankers: ['tiny', 'mini', 'cascade'], topN: [3, 5] }),
  answers('headline-traps', { sets: ['traps'], firstStages: ['bm25', 'hybrid'], rerankers: ['tiny', 'mini', 'cascade'], topN: [3] }),
  // Few candidates leave a reranker little to choose from.
  answers('headline-pools', { firstStages: ['bm25', 'hybrid'], rerankers: ['tiny', 'cascade'], topN: [3], candidates: 15 }),
  { file: 'headline-search', run: (bench, limit) => searchSlicesExperiment(bench, { limit }) },
];
