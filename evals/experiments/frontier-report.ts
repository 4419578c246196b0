import type { Question } from '@resift/eval/experiment/data-set';
import { average, type ExperimentResult, type SystemResult } from '@resift/eval/experiment/result';
import { shown, signed } from '@resift/eval/report/summary';
import { pairedBootstrap } from '@resift/eval/significance/bootstrap';
import { type LiftReport, liftMonitor } from '@resift/reranker/lift';
import { CANDIDATE_COUNTS, type Frontier } from './frontier.ts';

const METRIC = 'nDCG@10';
/** More candidates that gain less than this do not help. */
const HELPS_FROM = 0.002;

/** The frontier as Markdown: quality and time of every setting, from where more candidates do not help, and what the lift monitor says of the same searches. */
export function frontierMarkdown({ result, questions, timed }: Frontier): string {
  const { machine, commit } = result.provenance;
  const ms = (system: SystemResult, stage: string) => (system.stages[stage] ? shown(system.stages[stage].p50) : '–');
  const rows = result.systems.map((system) => {
    const means = [METRIC, 'P@5', 'R@10', 'RR@10'].map((metric) => shown(average(result, system, metric).mean));
    return `| ${[system.id, ...means, ms(system, 'cpu'), ms(system, 'rerank')].join(' | ')} |`;
  });
  const lifts = result.systems.flatMap((system) => {
    const [, name, count] = /^(\w+), (\d+) candidates$/.exec(system.id) ?? [];
    return count === '100' ? [{ name: name!, report: liftOf(result, system, questions) }] : [];
  });
  return `${[
    `## ${result.name}`,
    '',
    `Quality: ${questions.length} questions. Time: median of ${timed} of them, models that keep nothing between searches; CPU is the processor time of the whole search, which other work on the machine moves little, clock the reranker's. ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, commit ${commit.slice(0, 12)}.`,
    '',
    '| system | nDCG@10 ↑ | P@5 ↑ | R@10 ↑ | RR@10 ↑ | CPU ms ↓ | rerank clock ms ↓ |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    '',
    '### Where more candidates stop helping',
    '',
    ...frontierVerdicts(result).map((line) => `- ${line}`),
    '',
    '### What the lift monitor says of the same searches',
    '',
    'The monitor of the server (`/v1/lift`), fed with these questions and judgements, 100 candidates; first ten of each list; interval that holds at every moment.',
    '',
    ...lifts.map(({ name, report }) => `- ${name}: ${liftSentence(report)}`),
  ].join('\n')}\n`;
}

/** For each model the number of candidates from which more do not help, in one sentence, with what the most candidates gain over it. */
export function frontierVerdicts(result: ExperimentResult): string[] {
  const names = [...new Set(result.systems.flatMap(({ id }) => /^(\w+), \d+ candidates$/.exec(id)?.[1] ?? []))];
  return names.map((name) => {
    const tried = CANDIDATE_COUNTS.flatMap((count) => {
      const system = result.systems.find(({ id }) => id === `${name}, ${count} candidates`);
      return system ? [{ count, system, mean: average(result, system, METRIC).mean }] : [];
    });
    const best = Math.max(...tried.map(({ mean }) => mean));
    const enough = tried.find(({ mean }) => mean > best - HELPS_FROM)!;
    const most = tried.at(-1)!;
    const found = `${name}: ${METRIC} ${enough.mean.toFixed(4)} at ${enough.count} candidates`;
    if (enough === most) return `${found}, the most that were tried: more may still help.`;
    const { estimate, low, high } = pairedBootstrap(numbers(enough.system), numbers(most.system));
    return `${found}; ${most.count} change it by ${signed(estimate)} [${signed(low)}, ${signed(high)}].`;
  });
}

/** The monitor's report on a reranked system of a result. Results hold the first ten of each list, which is what its measures look at. */
export function liftOf(result: ExperimentResult, system: SystemResult, questions: readonly Question[]): LiftReport {
  const base = result.systems.find(({ id }) => id === (system.against ?? result.baseline))!;
  const monitor = liftMonitor();
  for (const [i, { judged }] of questions.entries())
    monitor.observe({ firstStage: base.top[i]!, reranked: system.top[i]!, ...(judged && { grades: Object.fromEntries(judged) }) });
  return monitor.report();
}

function liftSentence({ verdict, lifts, before, after, overlapAt10 }: LiftReport): string {
  const { mean, lower, upper, count } = lifts['ndcg@10'];
  return `**${verdict}**; nDCG@10 ${shown(before['ndcg@10'])} → ${shown(after['ndcg@10'])}, lift ${signed(mean)} [${signed(lower)}, ${signed(upper)}] over ${count} questions; ${shown(100 * overlapAt10)} % of the first ten stay.`;
}

const numbers = ({ values }: SystemResult) => values[METRIC]!.map((value) => value ?? 0);
