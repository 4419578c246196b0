import { compareWithBaseline, type MetricComparison } from '../experiment/compare-results.ts';
import { average, type ExperimentResult } from '../experiment/result.ts';

export interface SummaryCell {
  readonly mean: number;
  readonly n: number;
  /** Absent for the baseline and where fewer than two questions can be paired. */
  readonly comparison?: MetricComparison;
}

/** Means and differences of every system and metric, over all questions or one slice. */
export interface Summary {
  readonly slice?: string;
  readonly cells: ReadonlyMap<string, ReadonlyMap<string, SummaryCell>>;
}

/** Slices are many and small: fewer draws than for all questions tell as much. */
const IN_SLICES = { samples: 2_000, permutations: 20_000 };

/** One summary over all questions, then one for each slice, without the metrics that are details. Takes seconds for many systems: make it once for all reports. */
export function summaries(result: ExperimentResult): Summary[] {
  const slices = [...new Set(result.questions.flatMap(({ slices }) => slices))];
  return [undefined, ...slices].map((slice) => {
    const metrics = sliceMetrics(result, slice);
    const comparisons = compareWithBaseline(result, {
      slice,
      allowDegraded: true,
      ...(slice !== undefined && { ...IN_SLICES, metrics }),
    });
    const cells = new Map(
      result.systems.map((system) => [
        system.id,
        new Map(
          metrics.map((name) => {
            const comparison = comparisons.find((candidate) => candidate.system === system.id && candidate.metric === name);
            return [name, { ...average(result, system, name, slice), ...(comparison && { comparison }) }] as const;
          }),
        ),
      ]),
    );
    return { ...(slice !== undefined && { slice }), cells };
  });
}

/** The metrics that a summary of all questions (no slice) or of a slice has, in order: in a slice those that are no details and apply to one of its questions. */
export function sliceMetrics(result: ExperimentResult, slice: string | undefined): string[] {
  const applies = (name: string) => result.systems.some((system) => average(result, system, name, slice).n > 0);
  return result.metrics.filter(({ name, detail }) => slice === undefined || (!detail && applies(name))).map(({ name }) => name);
}

/** All comparisons of a summary, metric by metric. */
export function comparisonsOf({ metrics }: ExperimentResult, { cells }: Summary): MetricComparison[] {
  return metrics.flatMap(({ name }) => [...cells.values()].flatMap((byMetric) => byMetric.get(name)?.comparison ?? []));
}

/** A number as a reader wants it: three decimals for shares, fewer for large values; a dash where there is none. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(3);
}

/** The same with its sign. */
export function signed(value: number): string {
  return `${value > 0 ? '+' : value < 0 ? '−' : '±'}${shown(Math.abs(value))}`;
}

/** A p-value, never 0. */
export function shownP(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}
