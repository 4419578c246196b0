import { average, type ExperimentResult } from '../experiment/result.ts';

/** Means and median times of a result as a table for a terminal. */
export function textTable(result: ExperimentResult): string {
  const metrics = result.metrics.map(({ name }) => name);
  const stages = [...new Set(result.systems.flatMap((system) => Object.keys(system.stages)))];
  const rows = result.systems.map((system) => [
    system.id,
    ...metrics.map((metric) => average(result, system, metric).mean.toFixed(4)),
    ...stages.map((stage) => (system.stages[stage] ? `${system.stages[stage].p50.toFixed(1)} ms` : '–')),
  ]);
  const all = [['system', ...metrics, ...stages], ...rows];
  const widths = all[0]!.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  return all.map((row) => row.map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join('  ')).join('\n');
}
