import { join } from 'node:path';
import { isResiftError, ResiftError } from '@resift/core';
import { modelsFolder } from '@resift/models-en';
import { openModels, type RerankerSize } from 'resift';
import { type Arguments, HELP, readArguments } from './arguments.ts';
import { compareFiles, reportFile } from './compare-files.ts';
import { modelHashes } from './model-hashes.ts';
import { runCommand } from './run-command.ts';
import { workbench } from './workbench.ts';

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
  if (given.command === 'compare') return compareFiles(given);
  if (given.command === 'report') return reportFile(given);
  return withModels(given);
}

async function withModels(given: Arguments): Promise<number> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new ResiftError('unavailable', 'Stopped. Run the same command again to go on from here.')));
  // The frontier measures a server's time per request, so nothing may be kept between requests.
  const models = await openModels(given.command === 'frontier' ? {} : { keepEncodings: 12_000 });
  try {
    const hashes = await modelHashes(modelsFolder);
    const bench = workbench({ root, data: given.data, models, hashes, allowDegraded: given.allowDegraded, signal: stop.signal });
    await runCommand(
      bench,
      { ...given, rerankers: given.rerankers as RerankerSize[] | undefined },
      given.out ?? join(root, 'evals/results'),
    );
    return 0;
  } finally {
    await models.close();
  }
}
