import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';

const file = join(import.meta.dirname, '../../../docs/benchmarks.md');

/** The middle value. */
export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** Prints a section and puts it between its marks in docs/benchmarks.md, with the machine, the date, the commit and how busy the machine was. */
export function report(name: string, command: string, markdown: string): void {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', cwd: import.meta.dirname }).trim();
  const [before] = loadavg();
  const about = `Measured ${new Date().toISOString().slice(0, 16)}Z by \`${command}\`: ${cpus().length} cores of ${cpus()[0]?.model.trim()}, Node ${process.version}, commit ${commit}; load average at the end ${before!.toFixed(1)}.`;
  const section = `<!-- bench:${name} -->\n\n${markdown.trim()}\n\n${about}\n\n<!-- /bench:${name} -->`;
  console.log(section);
  const text = readFileSync(file, 'utf8');
  const marks = new RegExp(`<!-- bench:${name} -->[^]*<!-- /bench:${name} -->`);
  if (!marks.test(text)) throw new Error(`docs/benchmarks.md has no section ${name}.`);
  writeFileSync(
    file,
    text.replace(marks, () => section),
  );
}
