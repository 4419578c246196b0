import { createHash } from 'node:crypto';
import { addUsage, noUsage, ResiftError, type Usage } from '@resift/core';
import { cost, type Price } from '../judge/cost.ts';
import { quantile } from '../significance/bootstrap.ts';
import type { DataSet, Question } from './data-set.ts';
import { type Journal, openJournal } from './journal.ts';
import type { Metric } from './metric.ts';
import type { Provenance } from './provenance.ts';
import type { ExperimentResult, SystemResult } from './result.ts';
import type { Outcome, System } from './system.ts';

export interface Experiment {
  readonly name: string;
  readonly dataSet: DataSet;
  /** The first is the baseline, unless `baseline` names another. */
  readonly systems: readonly System[];
  readonly baseline?: string | undefined;
  readonly metrics: readonly Metric[];
  /** Default [1]. Systems that are not `seeded` run with the first only. */
  readonly seeds?: readonly number[] | undefined;
  readonly price?: Price | undefined;
}

export interface Progress {
  readonly system: string;
  readonly done: number;
  readonly total: number;
  readonly cached: number;
  readonly usage: Usage;
  readonly cost?: number;
}

export interface RunOptions {
  /** Finished outcomes are kept here and not computed again: a run that was killed goes on where it stopped. */
  readonly journal: string;
  readonly provenance: Provenance;
  /** Default false: the first degraded outcome ends the run, because its numbers would measure a fault. True: the result says `valid: false`. */
  readonly allowDegraded?: boolean | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Asks every system every question, measures, and gives one result. One question at a time, so that latencies mean something. */
export async function runExperiment(experiment: Experiment, options: RunOptions): Promise<ExperimentResult> {
  const { dataSet, systems, metrics, price, seeds = [1] } = experiment;
  check(experiment, seeds);
  const journal = openJournal(options.journal);
  const total = systems.reduce((sum, system) => sum + dataSet.questions.length * seedsOf(system, seeds).length, 0);
  let [done, cached, usage] = [0, 0, noUsage];
  const outcomes: Outcome[][][] = systems.map(() => []);
  const results: SystemResult[] = [];
  try {
    // Question by question, so that systems which share a stage can share its work.
    for (const question of dataSet.questions) {
      for (const [s, system] of systems.entries()) {
        const perSeed: Outcome[] = [];
        for (const seed of seedsOf(system, seeds)) {
          options.signal?.throwIfAborted();
          const key = keyOf('outcome', dataSet.fingerprint, system.settings, question.id, seed);
          const known = journal.get(key) as Outcome | undefined;
          const outcome = known ?? (await system.ask(question, { seed, signal: options.signal }));
          checkOutcome(system, question, outcome, options.allowDegraded ?? false);
          if (known) cached += 1;
          else usage = addUsage(usage, outcome.usage ?? {});
          if (!known && outcome.degraded === undefined) journal.set(key, outcome);
          perSeed.push(outcome);
          done += 1;
          options.onProgress?.({ system: system.id, done, total, cached, usage, ...(price && { cost: cost(usage, price) }) });
        }
        outcomes[s]!.push(perSeed);
      }
    }
    for (const [s, system] of systems.entries()) results.push(await summarise(system, outcomes[s]!, experiment, journal, options.signal));
  } finally {
    journal.close();
  }
  const spent = results.reduce((sum, result) => addUsage(sum, result.usage), noUsage);
  return {
    format: 'resift-experiment-1',
    name: experiment.name,
    finishedAt: new Date().toISOString(),
    valid: results.every(({ degraded }) => degraded.length === 0),
    dataSet: { id: dataSet.id, fingerprint: dataSet.fingerprint },
    questions: dataSet.questions.map(({ id, text, slices = [] }) => ({ id, text, slices })),
    metrics: metrics.map(({ name, better, detail }) => ({ name, better, ...(detail && { detail }) })),
    seeds,
    baseline: experiment.baseline ?? systems[0]!.id,
    systems: results,
    provenance: options.provenance,
    ...(price && { cost: cost(spent, price) }),
  };
}

async function summarise(
  system: System,
  outcomes: readonly (readonly Outcome[])[],
  { dataSet, metrics }: Experiment,
  journal: Journal,
  signal: AbortSignal | undefined,
): Promise<SystemResult> {
  const values: Record<string, (number | null)[]> = {};
  for (const metric of metrics) {
    values[metric.name] = [];
    for (const [i, question] of dataSet.questions.entries()) {
      const measured: number[] = [];
      for (const outcome of outcomes[i]!) {
        signal?.throwIfAborted();
        const value = await measure(metric, question, outcome, dataSet.fingerprint, journal, signal);
        if (value !== undefined) measured.push(value);
      }
      values[metric.name]!.push(measured.length === 0 ? null : measured.reduce((sum, value) => sum + value, 0) / measured.length);
    }
  }
  const all = outcomes.flat();
  const stages = [...new Set(all.flatMap((outcome) => Object.keys(outcome.stages)))];
  return {
    id: system.id,
    settings: system.settings,
    ...(system.against !== undefined && { against: system.against }),
    values,
    top: outcomes.map((perSeed) => perSeed[0]!.ranked.slice(0, 10)),
    firstRelevant: outcomes.map((perSeed, i) => rankOfRelevant(perSeed[0]!, dataSet.questions[i]!)),
    answers: outcomes.map(([first]) => (first!.answer ? (first!.answer.abstained ? '(abstains)' : first!.answer.text) : null)),
    stages: Object.fromEntries(
      stages.map((stage) => {
        const times = Float64Array.from(all.flatMap((outcome) => outcome.stages[stage] ?? [])).sort();
        return [stage, { p50: quantile(times, 0.5), p95: quantile(times, 0.95) }];
      }),
    ),
    usage: all.reduce((sum, outcome) => addUsage(sum, outcome.usage ?? {}), noUsage),
    degraded: outcomes.flatMap((perSeed, i) =>
      perSeed.flatMap(({ degraded }) => (degraded === undefined ? [] : [{ question: dataSet.questions[i]!.id, reason: degraded }])),
    ),
  };
}

async function measure(
  metric: Metric,
  question: Question,
  outcome: Outcome,
  fingerprint: string,
  journal: Journal,
  signal: AbortSignal | undefined,
) {
  const key =
    metric.cacheAs === undefined
      ? undefined
      : keyOf('metric', fingerprint, metric.name, metric.cacheAs, question.id, withoutTimes(outcome));
  const known = key === undefined ? undefined : (journal.get(key) as { value?: number } | undefined);
  if (known) return known.value;
  const value = await metric.measure(question, outcome, { signal });
  if (value !== undefined && !Number.isFinite(value)) {
    throw new ResiftError(
      'bad_output',
      `${metric.name} gave ${value} for question "${question.id}": expected a finite number, or undefined.`,
    );
  }
  if (key !== undefined) journal.set(key, value === undefined ? {} : { value });
  return value;
}

function rankOfRelevant({ ranked }: Outcome, { judged }: Question): number | null {
  const index = judged ? ranked.findIndex((id) => (judged.get(id) ?? 0) > 0) : -1;
  return index === -1 ? null : index + 1;
}

function withoutTimes({ ranked, contexts, answer }: Outcome): unknown {
  return [ranked, contexts, answer];
}

function seedsOf(system: System, seeds: readonly number[]): readonly number[] {
  return system.seeded ? seeds : seeds.slice(0, 1);
}

function keyOf(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

function check({ systems, metrics, baseline }: Experiment, seeds: readonly number[]) {
  const twice = (names: readonly string[]) => names.find((name, i) => names.indexOf(name) !== i);
  const repeated = twice(systems.map(({ id }) => id)) ?? twice(metrics.map(({ name }) => name));
  if (repeated !== undefined) throw new ResiftError('invalid_config', `The experiment names "${repeated}" twice.`);
  if (systems.length === 0 || metrics.length === 0 || seeds.length === 0) {
    throw new ResiftError('invalid_config', 'An experiment needs at least one system, one metric and one seed.');
  }
  if (baseline !== undefined && !systems.some(({ id }) => id === baseline)) {
    throw new ResiftError(
      'invalid_config',
      `The baseline "${baseline}" is none of the systems: ${systems.map(({ id }) => id).join('; ')}.`,
    );
  }
}

function checkOutcome(system: System, question: Question, { ranked, degraded }: Outcome, allowDegraded: boolean) {
  if (new Set(ranked).size !== ranked.length) {
    throw new ResiftError('bad_output', `${system.id} ranked a document twice for question "${question.id}".`);
  }
  if (degraded === undefined || allowDegraded) return;
  throw new ResiftError(
    'unavailable',
    `${system.id} was degraded on question "${question.id}" (${degraded}): the numbers would measure a fault. Repair it and run again, or allow degraded runs.`,
    { details: { system: system.id, question: question.id, reason: degraded } },
  );
}
