import { ResiftError } from '@resift/core';
import type { ExperimentResult } from '@resift/eval/experiment/result';
import type { Workbench } from '../src/workbench.ts';
import { type HeadlineOptions, headlineExperiment } from './headline.ts';
import { searchSlicesExperiment } from './search-slices.ts';

export interface HeadlineTable {
  /** Of the files in `results/`. */
  readonly file: string;
  /** Only when it is asked for. */
  readonly more?: true;
  run(bench: Workbench, limit: number | undefined): Promise<ExperimentResult>;
}

const answers = (file: string, options: HeadlineOptions): HeadlineTable => ({
  file,
  run: (bench, limit) => headlineExperiment(bench, { ...options, limit }),
});

const ALL = ['tiny', 'mini', 'cascade'] as const;

/** What `npm run eval -- headline` measures, most important first; each table is written when it is done. */
const HEADLINE_TABLES: readonly HeadlineTable[] = [
  answers('headline', { firstStages: ['bm25', 'dense', 'hybrid'], rerankers: ALL, topN: [3] }),
  answers('headline-traps', { sets: ['traps'], firstStages: ['bm25', 'hybrid'], rerankers: ALL, topN: [3] }),
  // Few candidates leave a reranker little to choose from.
  answers('headline-pools', { firstStages: ['bm25', 'hybrid'], rerankers: ['cascade'], topN: [3], candidates: 15 }),
  { file: 'headline-search', more: true, run: (bench, limit) => searchSlicesExperiment(bench, { limit }) },
  { ...answers('headline-top5', { firstStages: ['bm25', 'dense', 'hybrid'], rerankers: ALL, topN: [5] }), more: true },
];

/** The tables that are named without `headline`: `main`, `traps`, `pools`, `search`, `top5`; without names those that come by default. */
export function headlineTables(names: readonly string[] | undefined): HeadlineTable[] {
  if (!names) return HEADLINE_TABLES.filter(({ more }) => !more);
  return names.map((name) => {
    const found = HEADLINE_TABLES.find(({ file }) => file === (name === 'main' ? 'headline' : `headline-${name}`));
    if (found) return found;
    throw new ResiftError('invalid_input', `--tables: expected main, traps, pools, search, top5; got "${name}".`);
  });
}
