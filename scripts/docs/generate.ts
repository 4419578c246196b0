// Writes what the documentation takes from code and results: `npm run docs:generate`; with --check it only says what is out of date.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { embeddedModels, experimentResults } from './figures.ts';
import { commandReference, metricsTable, settingsTable } from './reference.ts';
import { fillRegion } from './region.ts';

const root = join(import.meta.dirname, '../..');
const check = process.argv.includes('--check');

const regions: readonly (readonly [file: string, name: string, content: string])[] = [
  ['docs/configuration.md', 'settings', settingsTable()],
  ['docs/operations.md', 'metrics', await metricsTable()],
  ['docs/command-line.md', 'commands', commandReference()],
  ['docs/choosing-a-reranker.md', 'embedded-models', embeddedModels(root)],
  ['docs/choosing-a-reranker.md', 'experiments', experimentResults(root)],
  ['README.md', 'embedded-models', embeddedModels(root)],
  // The front page has the claim itself; docs/choosing-a-reranker.md has every table.
  ['README.md', 'experiments', experimentResults(root, ['beir-scifact', 'headline'])],
];

const texts = new Map<string, string>();
for (const [file, name, content] of regions) {
  const text = texts.get(file) ?? readFileSync(join(root, file), 'utf8');
  texts.set(file, fillRegion(text, name, content));
}

const stale: string[] = [];
for (const [file, text] of texts) {
  const path = join(root, file);
  const formatted = execFileSync(join(root, 'node_modules/.bin/biome'), ['format', `--stdin-file-path=${file}`], {
    cwd: root,
    input: text,
    encoding: 'utf8',
  });
  if (formatted === readFileSync(path, 'utf8')) continue;
  stale.push(file);
  if (!check) writeFileSync(path, formatted);
}
console.log(stale.length === 0 ? 'Everything generated is up to date.' : `${check ? 'Out of date' : 'Written'}: ${stale.join(', ')}`);
if (check && stale.length > 0) {
  console.error('Run `npm run docs:generate` and commit what it writes.');
  process.exitCode = 1;
}
