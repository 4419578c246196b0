import { readFile } from 'node:fs/promises';
import { isResiftError, ResiftError, type Usage } from '@resift/core';
import type { Provenance } from './provenance.ts';

export interface SystemResult {
  readonly id: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** The system that this one is compared with, where it is not the result's baseline. */
  readonly against?: string;
  /** Per metric, in the order of `questions`; null where the metric does not apply. Averaged over seeds. */
  readonly values: Readonly<Record<string, readonly (number | null)[]>>;
  /** Per question: the first ids, and the answer. For the per-question table. */
  readonly top: readonly (readonly string[])[];
  /** Per question: rank (from 1) of the first relevant document; null where it is not in the list, or nothing is judged. */
  readonly firstRelevant: readonly (number | null)[];
  readonly answers: readonly (string | null)[];
  /** Milliseconds per stage: median and 95th percentile over questions. */
  readonly stages: Readonly<Record<string, { readonly p50: number; readonly p95: number }>>;
  readonly usage: Usage;
  readonly degraded: readonly { readonly question: string; readonly reason: string }[];
}

export interface ExperimentResult {
  readonly format: 'resift-experiment-1';
  readonly name: string;
  readonly finishedAt: string;
  /** False if a query was degraded: such numbers measure a fault, not a system. */
  readonly valid: boolean;
  readonly dataSet: { readonly id: string; readonly fingerprint: string };
  readonly questions: readonly { readonly id: string; readonly text: string; readonly slices: readonly string[] }[];
  readonly metrics: readonly { readonly name: string; readonly better: 'higher' | 'lower'; readonly detail?: true }[];
  readonly seeds: readonly number[];
  /** The system that others are compared with. */
  readonly baseline: string;
  readonly systems: readonly SystemResult[];
  readonly provenance: Provenance;
  /** Cost in the currency of the experiment's price; absent where it has none. */
  readonly cost?: number;
}

/** Reads a result file. Another format is `invalid_input`. */
export async function readResult(path: string): Promise<ExperimentResult> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as Partial<ExperimentResult> | null;
    if (value?.format === 'resift-experiment-1' && Array.isArray(value.systems) && Array.isArray(value.questions))
      return value as ExperimentResult;
    throw new ResiftError('invalid_input', `${path} is not a result of an experiment: expected format "resift-experiment-1".`);
  } catch (cause) {
    if (isResiftError(cause)) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') throw new ResiftError('not_found', `There is no file ${path}.`, { cause });
    throw new ResiftError('invalid_input', `${path} is not JSON.`, { cause });
  }
}

/** The mean of a metric of a system over the questions it applies to, and their number; all questions, or those of a slice. */
export function average(
  result: ExperimentResult,
  system: SystemResult,
  metric: string,
  slice?: string,
): { readonly mean: number; readonly n: number } {
  const values = (system.values[metric] ?? []).filter(
    (value, i): value is number => value !== null && (slice === undefined || result.questions[i]!.slices.includes(slice)),
  );
  return { mean: values.reduce((sum, value) => sum + value, 0) / values.length, n: values.length };
}
