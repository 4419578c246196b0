import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { isResiftError, ResiftError } from '@resift/core';
import { readResult } from '@resift/eval/experiment/result';
import { compareFiles, writeReports } from '@resift/eval/report/result-files';
import { modelsFolder } from '@resift/models-en';
import { openModels, type RerankerSize } from 'resift';
import { type Arguments, HELP, readArguments } from './arguments.ts';
import { modelHashes } from './model-hashes.ts';
import { runCommand } from './run-command.ts';
import { type Workbench, workbench } from './workbench.ts';

const root = join(import.meta.dirname, '../..');

process.exitCode = await main().catch((error: unknown) => {
  const known = isResiftError(error);
  process.stderr.write(`${known ? error.message : ((error as Error).stack ?? String(error))}\n`);
  return known && ['invalid_input', 'invalid_config', 'not_found'].includes(error.code) ? 2 : 1;
});

async function main(): Promise<number> {
  const given = readArguments(process.argv.slice(2));
  if (given.help || given.command === undefined) {
    process.stdout.write(HELP);
    return given.help ? 0 : 2;
  }
  if (given.command === 'compare') return compare(given);
  if (given.command === 'report') return report(given);
  return withModels(given);
}

async function withModels(given: Arguments): Promise<number> {
  const stop = new AbortController();
  // Every call in flight listens to it; Node would take more than ten for a leak.
  setMaxListeners(0, stop.signal);
  process.once('SIGINT', () => stop.abort(new ResiftError('unavailable', 'Stopped. Run the same command again to go on from here.')));
  const models = await openModels({ keepEncodings: 12_000 });
  let bench: Workbench | undefined;
  try {
    const hashes = await modelHashes(modelsFolder);
    bench = workbench({ root, data: given.data, models, hashes, allowDegraded: given.allowDegraded, signal: stop.signal });
    await runCommand(
      bench,
      { ...given, rerankers: given.rerankers as RerankerSize[] | undefined },
      given.out ?? join(root, 'evals/results'),
    );
    return 0;
  } finally {
    bench?.close();
    await models.close();
  }
}

async function compare({ files: [before, after], json, allowDegraded }: Arguments): Promise<number> {
  if (!before || !after) throw new ResiftError('invalid_input', 'compare needs two result files: compare before.json after.json');
  const { comparisons, regressions, text } = await compareFiles(before, after, { allowDegraded });
  process.stdout.write(json ? `${JSON.stringify({ regressions, comparisons })}\n` : text);
  return regressions.length > 0 ? 1 : 0;
}

async function report({ files: [path] }: Arguments): Promise<number> {
  if (!path) throw new ResiftError('invalid_input', 'report needs a result file: report result.json');
  const base = path.replace(/\.json$/, '');
  await writeReports(await readResult(path), base);
  process.stdout.write(`${base}.html\n${base}.md\n`);
  return 0;
}
