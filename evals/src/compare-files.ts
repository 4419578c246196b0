import { writeFile } from 'node:fs/promises';
import { ResiftError } from '@resift/core';
import { compareResults } from '@resift/eval/experiment/compare-results';
import { readResult } from '@resift/eval/experiment/result';
import { htmlReport } from '@resift/eval/report/html';
import { differenceRows, markdownReport } from '@resift/eval/report/markdown';

interface FileArguments {
  readonly files: readonly string[];
  readonly json: boolean;
  readonly allowDegraded: boolean;
}

/** Prints what changed between two results. 1 where something got significantly worse, else 0. */
export async function compareFiles(
  { files: [before, after], json, allowDegraded }: FileArguments,
  stdout: NodeJS.WritableStream = process.stdout,
): Promise<number> {
  if (!before || !after) throw new ResiftError('invalid_input', 'compare needs two result files: compare before.json after.json');
  const comparisons = compareResults(await readResult(before), await readResult(after), { allowDegraded });
  const worse = comparisons.filter(({ verdict }) => verdict === 'worse');
  if (json) stdout.write(`${JSON.stringify({ regressions: worse.length, comparisons })}\n`);
  else {
    stdout.write(`${differenceRows(comparisons).join('\n')}\n\n`);
    stdout.write(
      worse.length === 0
        ? 'No significant regression.\n'
        : worse.map(({ metric, system }) => `Regression: ${metric} of ${system}\n`).join(''),
    );
  }
  return worse.length > 0 ? 1 : 0;
}

/** Writes the HTML and Markdown of a result beside it. */
export async function reportFile({ files: [path] }: FileArguments, stdout: NodeJS.WritableStream = process.stdout): Promise<number> {
  if (!path) throw new ResiftError('invalid_input', 'report needs a result file: report result.json');
  const result = await readResult(path);
  const base = path.replace(/\.json$/, '');
  await writeFile(`${base}.html`, htmlReport(result));
  await writeFile(`${base}.md`, markdownReport(result));
  stdout.write(`${base}.html\n${base}.md\n`);
  return 0;
}
