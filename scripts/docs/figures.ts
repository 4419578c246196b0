import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PRESETS } from '../../packages/resift/src/presets.ts';
import { markdownTable, readTable } from './region.ts';

const MODELS = 'packages/models-en/README.md';
const RESULTS = 'evals/results';
/** The lists that are named in a summary, where they were measured. */
const SETS: Readonly<Record<string, string>> = {
  dl21_bm25: 'TREC DL 2021',
  scifact: 'SciFact',
  stackfaq: 'FAQ',
  anthropic_docs: 'software docs',
};

/** Which of the embedded models: quality, time and size side by side, from the figures in the models' README. */
export function embeddedModels(root: string): string {
  const readme = readFileSync(join(root, MODELS), 'utf8');
  const ranking = figures(readme, 'ranking');
  const speed = figures(readme, 'speed');
  const sets = Object.keys(SETS).filter((set) => ranking.rows.some((row) => row['set'] === set));
  const row = (title: string, column: string, size?: string) => [
    title,
    ...sets.map((set) => plain(ranking.rows.find((each) => each['set'] === set)?.[column])),
    speed.rows.find(({ model }) => model === size)?.['CPU ms for 100'] ?? '–',
    Object.entries(PRESETS)
      .filter(([, preset]) => preset.size === size)
      .map(([name, { budgetMs }]) => `\`${name}\` (${budgetMs} ms)`)
      .join(', ') || '–',
  ];
  const table = markdownTable(
    ['', ...sets.map((set) => SETS[set]!), 'CPU ms for 100 passages', 'preset (budget)'],
    [
      row('no reranker (the given first stage)', 'first stage'),
      row('`tiny`', 'tiny', 'tiny'),
      row('`cascade`', 'cascade', 'cascade'),
      row('`mini`', 'mini', 'mini'),
    ],
  );
  return `${table}\n\nQuality, higher is better: ${ranking.note}\n\nTime: ${speed.note}`;
}

/** What experiments through the serving code gave, one table for each committed result, with its conclusion in plain words; `only` names the results that are wanted. */
export function experimentResults(root: string, only?: readonly string[]): string {
  const folder = join(root, RESULTS);
  const files = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.md') && (only === undefined || only.includes(name.replace(/\.md$/, ''))))
        .sort()
    : [];
  const parts = files.flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const rows = readTable(text);
    const columns = Object.keys(rows[0] ?? {}).filter((name) =>
      /^(?:system|nDCG@10|R@100|hallucination rate(?: \(gold answers only\))?|right|gold passage@\d+|CPU ms)(?: [↑↓])?$/.test(name),
    );
    if (rows.length === 0 || columns.length < 2) return [];
    const about =
      text
        .split('\n')
        .slice(1)
        .find((line) => line.trim() !== '')
        ?.trim() ?? '';
    return [
      `**${title(text)}.** ${about}`,
      markdownTable(
        columns,
        rows.map((row) => columns.map((name) => row[name]!)),
      ),
      ...conclusionIn(text),
    ];
  });
  const halls = files.some((file) => file.startsWith('headline'));
  const missing = 'Right answers and hallucinations with and without reranking: no result is committed yet (`npm run eval -- headline`).';
  return [...parts, ...(halls ? [] : [missing])].join('\n\n');
}

/** The lists of a report that say what its numbers mean. */
function conclusionIn(text: string): string[] {
  const plainWords = /^\*\*In plain words\*\*.*\n\n(?:- .*\n?)+/m.exec(text)?.[0].trim();
  const sections = [...text.matchAll(/^### (Where more candidates stop helping|What the lift monitor says.*)\n\n((?:(?!#).*\n?)+)/gm)];
  return [...(plainWords ? [plainWords] : []), ...sections.map(([, head, body]) => `${head}:\n\n${body!.trim()}`)];
}

const title = (text: string) => /^#+\s*(.*)$/m.exec(text)?.[1]?.split(';')[0]?.trim() ?? '';
const plain = (cell = '–') => cell.replaceAll('*', '').replace(/\s*\(.*\)/, '');

/** One marked part of the models' README: its table and the sentences below it. */
function figures(readme: string, name: string): { rows: Record<string, string>[]; note: string } {
  const part = new RegExp(`<!-- figures:${name} -->([\\s\\S]*?)<!-- /figures:${name} -->`).exec(readme)?.[1];
  if (part === undefined) throw new Error(`${MODELS} has no figures:${name}.`);
  const note = part
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('|') && !line.startsWith('#'))
    .join(' ');
  return { rows: readTable(part), note };
}
