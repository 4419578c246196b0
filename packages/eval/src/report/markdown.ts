import type { MetricComparison } from '../experiment/compare-results.ts';
import type { ExperimentResult } from '../experiment/result.ts';
import { comparisonsOf, type Summary, shown, shownP, signed, sliceMetrics, summaries } from './summary.ts';

/** A result as Markdown for a pull request: means, differences with intervals and corrected p-values, slices, times, provenance. */
export function markdownReport(result: ExperimentResult, [all, ...slices]: readonly Summary[] = summaries(result)): string {
  const { machine, commit } = result.provenance;
  const lines = [
    `## ${result.name}`,
    '',
    `${result.questions.length} questions of ${result.dataSet.id}; baseline: ${result.baseline}. ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, commit ${commit.slice(0, 12)}.`,
    ...(result.valid ? [] : ['', '**Not valid: at least one query was degraded. These numbers measure a fault.**']),
    '',
    ...table(['system', ...result.metrics.map(({ name, better }) => `${name} ${better === 'higher' ? '↑' : '↓'}`)], meanRows(result, all!)),
    '',
    '### Differences from the baseline',
    '',
    'Mean difference with its 95 % bootstrap interval; p of the randomisation test after Holm’s correction over the systems.',
    '',
    ...differenceRows(comparisonsOf(result, all!)),
  ];
  for (const { slice, cells } of slices) {
    const metrics = sliceMetrics(result, slice);
    const rows = [...cells].map(([system, byMetric]) => [
      system,
      ...metrics.map((name) => cell(byMetric.get(name)!.mean, byMetric.get(name)!.comparison)),
    ]);
    const size = result.questions.filter(({ slices: own }) => own.includes(slice!)).length;
    lines.push('', `### ${slice}`, '', `${size} questions.`, '', ...table(['system', ...metrics], rows));
  }
  const stages = [...new Set(result.systems.flatMap((system) => Object.keys(system.stages)))];
  lines.push(
    '',
    '### Time per stage, milliseconds (median / 95th percentile)',
    '',
    ...table(
      ['system', ...stages],
      result.systems.map((system) => [
        system.id,
        ...stages.map((stage) => (system.stages[stage] ? `${shown(system.stages[stage].p50)} / ${shown(system.stages[stage].p95)}` : '–')),
      ]),
    ),
  );
  return `${lines.join('\n')}\n`;
}

/** Comparisons as a Markdown table. */
export function differenceRows(comparisons: readonly MetricComparison[]): string[] {
  return table(
    ['system', 'against', 'metric', 'from', 'to', 'difference', 'relative', 'p', 'effect', 'detectable from', 'verdict'],
    comparisons.map(({ system, against, metric, a, b, difference, relative, adjustedP, effectSize, minimumDetectable, verdict }) => [
      system,
      against,
      metric,
      shown(a),
      shown(b),
      `${signed(difference.estimate)} [${signed(difference.low)}, ${signed(difference.high)}]`,
      relative === undefined ? '–' : `${signed(100 * relative)} %`,
      shownP(adjustedP),
      effectSize === undefined ? '–' : signed(effectSize),
      shown(minimumDetectable),
      verdict,
    ]),
  );
}

function meanRows(result: ExperimentResult, { cells }: Summary): string[][] {
  return [...cells].map(([system, byMetric]) => [
    system,
    ...result.metrics.map(({ name }) => cell(byMetric.get(name)!.mean, byMetric.get(name)!.comparison)),
  ]);
}

function cell(mean: number, comparison: MetricComparison | undefined): string {
  const mark = comparison?.verdict === 'better' ? ' ▲' : comparison?.verdict === 'worse' ? ' ▼' : '';
  return `${shown(mean)}${mark}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)];
}
