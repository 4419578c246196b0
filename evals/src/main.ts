import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isResiftError, ResiftError } from '@resift/core';
import { compareResults } from '@resift/eval/experiment/compare-results';
import { average, type ExperimentResult, readResult } from '@resift/eval/experiment/result';
import { htmlReport } from '@resift/eval/report/html';
import { differenceRows, markdownReport } from '@resift/eval/report/markdown';
import { modelsFolder } from '@resift/models-en';
import { openModels, type RerankerSize } from 'resift';
import { beirExperiment } from '../experiments/scifact.ts';
import { modelHashes } from './model-hashes.ts';
import { type Workbench, workbench } from './workbench.ts';

const HELP = `Usage: npm run eval -- <command> [options]

  beir                 BM25, dense, hybrid over a BEIR collection, each alone and reranked (default: SciFact)
  compare A B          two result files of one experiment; exit code 1 on a significant regression
  report RESULT        writes RESULT.html and RESULT.md

Options
  --set NAME           beir: a folder of the data's beir/ (default scifact)
  --rerankers LIST     tiny,mini,cascade (default cascade)
  --candidates N       passages that retrieval gives (default 200)
  --limit N            only the first N questions
  --data DIR           the public data sets (default ../shared/data)
  --out DIR            where results go (default evals/results)
  --allow-degraded     take runs with degraded queries; the result says that it is not valid
  --json               the result on standard output
`;

const root = join(import.meta.dirname, '../..');
const { values, positionals } = parse();

process.exitCode = await main(positionals[0], positionals.slice(1)).catch((error: unknown) => {
  process.stderr.write(isResiftError(error) ? `${error.message}\n` : `${(error as Error).stack ?? error}\n`);
  return isResiftError(error, 'invalid_input') || isResiftError(error, 'not_found') ? 2 : 1;
});

async function main(command: string | undefined, files: readonly string[]): Promise<number> {
  if (command === undefined || values.help) {
    process.stdout.write(HELP);
    return command === undefined && !values.help ? 2 : 0;
  }
  if (command === 'compare') return compare(files);
  if (command === 'report') return report(files);
  if (command !== 'beir') throw new ResiftError('invalid_input', `Unknown command "${command}".\n\n${HELP}`);

  const models = await openModels();
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new ResiftError('unavailable', 'Stopped. Run the same command again to go on from here.')));
  try {
    const hashes = await modelHashes(modelsFolder);
    const bench = workbench({ root, data: values.data, models, hashes, allowDegraded: values['allow-degraded'], signal: stop.signal });
    const result = await beirExperiment(bench, {
      set: values.set,
      rerankers: (values.rerankers ?? 'cascade').split(',').filter((name) => name !== '' && name !== 'none') as RerankerSize[],
      candidates: numberOf('candidates', values.candidates),
      limit: numberOf('limit', values.limit),
    });
    await save(bench, result, `beir-${result.name}`);
    return 0;
  } finally {
    await models.close();
  }
}

async function save(bench: Workbench, result: ExperimentResult, name: string): Promise<void> {
  const folder = values.out ?? join(root, 'evals/results');
  mkdirSync(folder, { recursive: true });
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(result)}\n`);
  await writeFile(join(folder, `${name}.html`), htmlReport(result));
  await writeFile(join(folder, `${name}.md`), markdownReport(result));
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else printTable(result);
  bench.say(`Written to ${join(folder, name)}.{json,html,md}`);
}

function printTable(result: ExperimentResult): void {
  const columns = result.metrics.map(({ name }) => name);
  const stages = [...new Set(result.systems.flatMap((system) => Object.keys(system.stages)))];
  const rows = result.systems.map((system) => [
    system.id,
    ...columns.map((metric) => average(result, system, metric).mean.toFixed(4)),
    ...stages.map((stage) => (system.stages[stage] ? `${system.stages[stage].p50.toFixed(1)} ms` : '–')),
  ]);
  const all = [['system', ...columns, ...stages.map((stage) => `${stage} p50`)], ...rows];
  const widths = all[0]!.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  for (const row of all)
    process.stdout.write(`${row.map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join('  ')}\n`);
}

async function compare([before, after]: readonly string[]): Promise<number> {
  if (!before || !after) throw new ResiftError('invalid_input', 'compare needs two result files: compare before.json after.json');
  const comparisons = compareResults(await readResult(before), await readResult(after), { allowDegraded: values['allow-degraded'] });
  if (values.json) process.stdout.write(`${JSON.stringify(comparisons)}\n`);
  else process.stdout.write(`${differenceRows(comparisons).join('\n')}\n`);
  const worse = comparisons.filter(({ verdict }) => verdict === 'worse');
  for (const { system, metric } of worse) process.stderr.write(`Regression: ${metric} of ${system}\n`);
  return worse.length > 0 ? 1 : 0;
}

async function report([path]: readonly string[]): Promise<number> {
  if (!path) throw new ResiftError('invalid_input', 'report needs a result file.');
  const result = await readResult(path);
  const base = path.replace(/\.json$/, '');
  await writeFile(`${base}.html`, htmlReport(result));
  await writeFile(`${base}.md`, markdownReport(result));
  process.stdout.write(`${base}.html\n${base}.md\n`);
  return 0;
}

function numberOf(name: string, written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  if (/^[1-9]\d*$/.test(written)) return Number(written);
  throw new ResiftError('invalid_input', `Expected --${name} to be a whole number of 1 or more, got "${written}".`);
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        set: { type: 'string' },
        rerankers: { type: 'string' },
        candidates: { type: 'string' },
        limit: { type: 'string' },
        data: { type: 'string' },
        out: { type: 'string' },
        'allow-degraded': { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
}
