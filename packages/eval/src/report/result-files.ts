import { writeFile } from 'node:fs/promises';
import { type CompareOptions, compareResults, type MetricComparison } from '../experiment/compare-results.ts';
import { type ExperimentResult, readResult } from '../experiment/result.ts';
import { htmlReport } from './html.ts';
import { differenceRows, markdownReport } from './markdown.ts';
import { type Summary, summaries } from './summary.ts';

/** Writes `base`.json, .html and .md. */
export async function writeResult(result: ExperimentResult, base: string, known: readonly Summary[] = summaries(result)): Promise<void> {
  await writeFile(`${base}.json`, `${JSON.stringify(result)}\n`);
  await writeReports(result, base, known);
}

/** Writes `base`.html and .md of a result that is stored already. */
export async function writeReports(result: ExperimentResult, base: string, known: readonly Summary[] = summaries(result)): Promise<void> {
  await writeFile(`${base}.html`, htmlReport(result, { summaries: known }));
  await writeFile(`${base}.md`, markdownReport(result, known));
}

export interface FileComparison {
  readonly comparisons: readonly MetricComparison[];
  /** What got significantly worse. For use in CI: fail where it is not empty. */
  readonly regressions: readonly MetricComparison[];
  /** All of it as Markdown. */
  readonly text: string;
}

/** Compares two result files of one experiment. */
export async function compareFiles(before: string, after: string, options: CompareOptions = {}): Promise<FileComparison> {
  const comparisons = compareResults(await readResult(before), await readResult(after), options);
  const regressions = comparisons.filter(({ verdict }) => verdict === 'worse');
  const verdict =
    regressions.length === 0
      ? 'No significant regression.'
      : regressions.map(({ metric, system }) => `Regression: ${metric} of ${system}`).join('\n');
  return { comparisons, regressions, text: `${differenceRows(comparisons).join('\n')}\n\n${verdict}\n` };
}
