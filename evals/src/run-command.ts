import { mkdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ResiftError } from '@resift/core';
import type { ExperimentResult } from '@resift/eval/experiment/result';
import { runExperiment } from '@resift/eval/experiment/run-experiment';
import { groundednessJudge } from '@resift/eval/judge/groundedness';
import { lexicalJudge } from '@resift/eval/judge/lexical';
import { remembered } from '@resift/eval/judge/remembered';
import { writeResult } from '@resift/eval/report/result-files';
import { summaries } from '@resift/eval/report/summary';
import { textTable } from '@resift/eval/report/text-table';
import { withoutTexts } from '@resift/eval/report/without-texts';
import type { RerankerSize } from 'resift';
import { openExperiment } from 'resift/evaluation/open-experiment';
import { parse } from 'yaml';
import { frontierExperiment } from '../experiments/frontier.ts';
import { frontierMarkdown } from '../experiments/frontier-report.ts';
import { headlineExperiment } from '../experiments/headline.ts';
import { headlineMarkdown } from '../experiments/headline-conclusion.ts';
import { headlineTables } from '../experiments/headline-tables.ts';
import { judgesExperiment, judgesMarkdown } from '../experiments/judges.ts';
import { meterExperiment, meterMarkdown, meterQuestions } from '../experiments/meter.ts';
import { beirExperiment } from '../experiments/scifact.ts';
import type { Arguments } from './arguments.ts';
import { chatFromEnvironment } from './chat-from-environment.ts';
import type { Workbench } from './workbench.ts';

type Given = Omit<Arguments, 'rerankers'> & { readonly rerankers?: readonly RerankerSize[] | undefined };

/** Runs one command that needs models and writes its results to a folder. */
export async function runCommand(bench: Workbench, given: Given, out: string): Promise<void> {
  mkdirSync(out, { recursive: true });
  switch (given.command) {
    case 'beir': {
      const result = await beirExperiment(bench, given);
      return saveResult(bench, result, join(out, `beir-${result.name}`), given.json);
    }
    case 'headline':
      return runHeadline(bench, given, out);
    case 'frontier': {
      const frontier = await frontierExperiment(bench, given);
      const base = join(out, `frontier${given.set ? `-${given.set}` : ''}`);
      await saveResult(bench, frontier.result, base, given.json);
      return writeFile(`${base}.md`, frontierMarkdown(frontier));
    }
    case 'judges': {
      const reports = await judgesExperiment(bench, { most: given.limit });
      return saveText(bench, join(out, 'judges'), judgesMarkdown(reports, await bench.provenance()), reports);
    }
    case 'meter': {
      const judge = given.judge === 'lexical' ? lexicalJudge() : groundednessJudge(await bench.models.groundedness());
      const readings = await meterExperiment(await meterQuestions(bench.data, given.limit), {
        judge: remembered(judge, bench.kept),
        tokenizer: bench.models.tokenizer,
        signal: bench.signal,
        onProgress: bench.progress.show,
      });
      return saveText(bench, join(out, 'meter'), meterMarkdown(readings, judge.id, await bench.provenance()), readings);
    }
    case 'run':
      return runFile(bench, given, out);
    default:
      throw new ResiftError('invalid_input', `Unknown command "${given.command}". \`npm run eval\` lists the commands.`);
  }
}

/** All tables of the headline, or the one that options ask for. */
async function runHeadline(bench: Workbench, given: Given, out: string): Promise<void> {
  const { sets, first, rerankers, top, candidates, distractors, judge, limit, json } = given;
  if (sets || first || rerankers || top || candidates || distractors || judge !== 'model') {
    const result = await headlineExperiment(bench, { ...given, firstStages: first, topN: top });
    const file = ['headline', ...(sets ?? []), ...(distractors ? ['distractors'] : [])].join('-').replaceAll(':', '-');
    return saveResult(bench, result, join(out, file), json);
  }
  const tables = headlineTables(given.tables);
  for (const [i, { file, run }] of tables.entries()) {
    bench.say(`Table ${i + 1} of ${tables.length}: ${file} (${new Date().toISOString().slice(11, 19)})`);
    await saveResult(bench, await run(bench, limit), join(out, file), json);
  }
}

async function runFile(bench: Workbench, { files: [file], json }: Given, out: string): Promise<void> {
  if (!file) throw new ResiftError('invalid_input', 'run needs the file of an experiment: run my-experiment.yaml');
  const path = resolve(file);
  const { experiment, close } = await openExperiment(await specIn(path), {
    models: bench.models,
    runs: bench.runs,
    folder: dirname(path),
    chat: chatFromEnvironment(),
    onProgress: bench.progress.show,
  });
  const name = experiment.name.replaceAll(/[^\w.-]+/g, '-');
  try {
    await saveResult(bench, await runExperiment(experiment, await bench.runOptions(name)), join(out, name), json, true);
  } finally {
    bench.progress.done();
    await close();
  }
}

async function specIn(path: string): Promise<unknown> {
  if (/\.m?[jt]s$/.test(path)) return ((await import(pathToFileURL(path).href)) as { default?: unknown }).default;
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ResiftError('not_found', `There is no file ${path}.`, { cause });
  });
  try {
    return path.endsWith('.json') ? JSON.parse(text) : parse(text);
  } catch (cause) {
    throw new ResiftError('invalid_input', `${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** The public sets are not ours to publish: what goes to `results/` names their questions by id only; the full report stays in `.runs/`. */
async function saveResult(
  bench: Workbench,
  result: ExperimentResult,
  base: string,
  json: boolean,
  own = result.dataSet.id === 'traps',
): Promise<void> {
  const full = join(bench.runs, 'reports', basename(base));
  mkdirSync(dirname(full), { recursive: true });
  const known = summaries(result);
  await writeResult(result, full, known);
  await writeResult(own ? result : withoutTexts(result), base, known);
  if (result.name.startsWith('headline')) await writeFile(`${base}.md`, headlineMarkdown(result, known));
  bench.progress.done();
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else process.stdout.write(`${textTable(result)}\n`);
  bench.say(`Written to ${base}.{json,html,md}; with the texts to ${full}.html`);
}

async function saveText(bench: Workbench, base: string, markdown: string, value: unknown): Promise<void> {
  await writeFile(`${base}.md`, markdown);
  await writeFile(`${base}.json`, `${JSON.stringify(value)}\n`);
  bench.progress.done();
  process.stdout.write(markdown);
  bench.say(`Written to ${base}.{json,md}`);
}
