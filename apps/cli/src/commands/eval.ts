import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ResiftError } from '@resift/core';
import { Command } from 'commander';
import { untilInterrupted } from '../interrupt.ts';
import { print, progressLine as statusLine } from '../terminal.ts';

interface RunOptions {
  readonly out: string;
  readonly allowDegraded: boolean;
  readonly json: boolean;
}

interface CompareOptions {
  readonly allowDegraded: boolean;
  readonly json: boolean;
}

/** `resift eval`: measure retrieval, reranking and answers on one's own questions, and compare two results. */
export function evalCommand(): Command {
  const command = new Command('eval').description('Measure search and answers on your own questions, with and without a reranker.');
  command
    .command('run')
    .description('Run an experiment (.yaml, .json, .mjs). A run that was stopped goes on where it was.')
    .argument('<file>', 'the experiment')
    .option('-o, --out <folder>', 'where results and stored collections go', 'resift-eval')
    .option('--allow-degraded', 'take degraded queries; the result then says that it is not valid', false)
    .option('--json', 'print the result', false)
    .action(run);
  command
    .command('compare')
    .description('Compare two results of one experiment. Exit code 1 on a significant regression.')
    .argument('<before>')
    .argument('<after>')
    .option('--allow-degraded', 'take results with degraded queries', false)
    .option('--json', 'print JSON', false)
    .action(compare);
  command.command('report').description('Write the HTML and Markdown report of a result beside it.').argument('<result>').action(report);
  return command;
}

async function run(file: string, { out, allowDegraded, json }: RunOptions): Promise<void> {
  const [{ openModels }, { openExperiment }, { runExperiment }, { provenance }, { progressLine }, { writeResult }, { textTable }] =
    await Promise.all([
      import('resift'),
      import('resift/evaluation/open-experiment'),
      import('@resift/eval/experiment/run-experiment'),
      import('@resift/eval/experiment/provenance'),
      import('@resift/eval/report/progress-line'),
      import('@resift/eval/report/result-files'),
      import('@resift/eval/report/text-table'),
    ]);
  const path = resolve(file);
  const spec = await specIn(path);
  mkdirSync(out, { recursive: true });
  const status = statusLine();
  const models = await openModels({ keepEncodings: 4_000 });
  try {
    const opened = await openExperiment(spec, {
      models,
      runs: join(out, '.runs'),
      folder: dirname(path),
      chat: await chatModel(),
      onProgress: (text) => status.show(text),
    });
    try {
      const { experiment } = opened;
      const name = experiment.name.replaceAll(/[^\w.-]+/g, '-');
      const line = progressLine(Date.now());
      const result = await untilInterrupted(async (signal) =>
        runExperiment(experiment, {
          journal: join(out, '.runs', `${name}.journal.jsonl`),
          provenance: await provenance(dirname(path), { versions: { models: models.version } }),
          allowDegraded,
          signal,
          onProgress: (state) => status.show(line(state)),
        }),
      );
      await writeResult(result, join(out, name));
      status.clear();
      print(result, { json, text: () => `${textTable(result)}\n\nWritten to ${join(out, name)}.{json,html,md}` });
    } finally {
      status.clear();
      await opened.close();
    }
  } finally {
    await models.close();
  }
}

async function compare(before: string, after: string, { allowDegraded, json }: CompareOptions): Promise<void> {
  const { compareFiles } = await import('@resift/eval/report/result-files');
  const { comparisons, regressions, text } = await compareFiles(before, after, { allowDegraded });
  print({ regressions, comparisons }, { json, text: () => text.trimEnd() });
  if (regressions.length > 0) process.exitCode = 1;
}

async function report(path: string): Promise<void> {
  const [{ readResult }, { writeReports }] = await Promise.all([
    import('@resift/eval/experiment/result'),
    import('@resift/eval/report/result-files'),
  ]);
  const base = path.replace(/\.json$/, '');
  await writeReports(await readResult(path), base);
  process.stdout.write(`${base}.html\n${base}.md\n`);
}

async function specIn(path: string): Promise<unknown> {
  if (/\.m?js$/.test(path)) return ((await import(pathToFileURL(path).href)) as { default?: unknown }).default;
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ResiftError('invalid_input', `Cannot read ${path}: expected the file of an experiment.`, { cause });
  });
  const { parse } = await import('yaml');
  try {
    return path.endsWith('.json') ? JSON.parse(text) : parse(text);
  } catch (cause) {
    throw new ResiftError('invalid_input', `${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

async function chatModel() {
  const { readConfig } = await import('@resift/api/config');
  const { chat } = readConfig();
  if (!chat) return undefined;
  const { openaiCompatible } = await import('@resift/models/openai-compatible');
  return openaiCompatible(chat);
}
