import { appendFileSync, readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { precision } from '../ranking/at-k.ts';
import { ndcg } from '../ranking/ndcg.ts';
import { compareResults, compareWithBaseline } from './compare-results.ts';
import { dataSet } from './data-set.ts';
import { latencyOf, rankingOf } from './metric.ts';
import { provenance } from './provenance.ts';
import { average, readResult } from './result.ts';
import { type Experiment, runExperiment } from './run-experiment.ts';
import type { Outcome, System } from './system.ts';

let journal: string;
beforeEach(async () => {
  journal = join(await mkdtemp(join(tmpdir(), 'resift-experiment-')), 'run.jsonl');
});
const here = await provenance(import.meta.dirname, { versions: { resift: '1' } });
const questions = Array.from({ length: 12 }, (_, i) => ({
  id: `q${i}`,
  text: `question ${i}`,
  judged: new Map([['good', 1]]),
  slices: [i % 2 ? 'odd' : 'even'],
}));
const data = dataSet('tiny', questions);
const outcome = (ranked: string[], more: Partial<Outcome> = {}): Outcome => ({
  ranked,
  stages: { retrieve: 2 },
  usage: { inputTokens: 10 },
  ...more,
});
const system = (id: string, ask: System['ask'], more: Partial<System> = {}): System => ({ id, settings: { id }, ask, ...more });
const first = system('first', async () => outcome(['bad', 'good']));
const better = system('better', async () => outcome(['good', 'bad']));
const experiment = (systems: System[], more: Partial<Experiment> = {}): Experiment => ({
  name: 'test',
  dataSet: data,
  systems,
  metrics: [rankingOf(ndcg(10)), rankingOf(precision(1)), latencyOf()],
  ...more,
});
const options = () => ({ journal, provenance: here });

it('asks every system every question and sums up', async () => {
  const seen: number[] = [];
  const result = await runExperiment(experiment([first, better], { price: { inputPerMillion: 1000, outputPerMillion: 0 } }), {
    ...options(),
    onProgress: ({ done, total }) => seen.push(done / total),
  });
  expect(result).toMatchObject({ format: 'resift-experiment-1', valid: true, baseline: 'first', cost: 0.24 });
  expect(average(result, result.systems[1]!, 'P@1')).toEqual({ mean: 1, n: 12 });
  expect(average(result, result.systems[0]!, 'nDCG@10', 'odd').n).toBe(6);
  expect(result.systems[0]!.stages['retrieve']).toEqual({ p50: 2, p95: 2 });
  expect(result.systems[0]!.usage.inputTokens).toBe(120);
  expect(result.provenance.machine.cores).toBeGreaterThan(0);
  expect(result.provenance.commit).toMatch(/^[0-9a-f]{40}/);
  expect(seen.at(-1)).toBe(1);
});

it('goes on where a kill stopped it, even in the middle of a line', async () => {
  let asked = 0;
  const dying = system('first', async () => {
    asked += 1;
    if (asked === 6) throw new Error('killed');
    return outcome(['bad', 'good']);
  });
  await expect(runExperiment(experiment([dying]), options())).rejects.toThrow('killed');
  appendFileSync(journal, '["half a li');
  const ask = vi.fn(first.ask);
  const result = await runExperiment(experiment([{ ...first, ask }]), options());
  expect(ask).toHaveBeenCalledTimes(12 - 5);
  expect(average(result, result.systems[0]!, 'nDCG@10').n).toBe(12);
  expect(readFileSync(journal, 'utf8').split('\n')).toHaveLength(13);

  ask.mockClear();
  const again = await runExperiment(experiment([{ ...first, ask }]), options());
  expect(ask).not.toHaveBeenCalled();
  expect(again.systems).toEqual(result.systems);
});

it('forgets what was computed with other settings or other data', async () => {
  await runExperiment(experiment([first]), options());
  const ask = vi.fn(first.ask);
  await runExperiment(experiment([{ ...first, settings: { id: 'first', k1: 2 }, ask }]), options());
  expect(ask).toHaveBeenCalledTimes(12);
  await runExperiment(
    experiment([{ ...first, ask }], { dataSet: dataSet('tiny', questions, [{ id: 'good', text: 'edited' }]) }),
    options(),
  );
  expect(ask).toHaveBeenCalledTimes(24);
});

it('refuses a damaged journal', async () => {
  await writeFile(journal, '{"not":"a line"}\n["a",1]\n');
  await expect(runExperiment(experiment([first]), options())).rejects.toMatchObject({ code: 'corrupt' });
});

it('refuses a run with one degraded query; told to take it, marks the result, and never caches it', async () => {
  const ask = vi.fn<System['ask']>(async ({ id }) => outcome(['good'], id === 'q3' ? { degraded: 'rerank degraded: deadline' } : {}));
  await expect(runExperiment(experiment([system('shaky', ask)]), options())).rejects.toMatchObject({
    code: 'unavailable',
    details: { system: 'shaky', question: 'q3', reason: 'rerank degraded: deadline' },
  });
  const result = await runExperiment(experiment([system('shaky', ask)]), { ...options(), allowDegraded: true });
  expect(result.valid).toBe(false);
  expect(result.systems[0]!.degraded).toEqual([{ question: 'q3', reason: 'rerank degraded: deadline' }]);
  expect(ask).toHaveBeenCalledTimes(4 + 9);
  expect(() => compareResults(result, result)).toThrow('degraded queries');
  await expect(runExperiment(experiment([system('shaky', ask)]), options())).rejects.toMatchObject({ code: 'unavailable' });
  expect(ask).toHaveBeenCalledTimes(4 + 9 + 1); // asked again, not taken from the journal
});

it('runs a seeded system once per seed and averages', async () => {
  const ask = vi.fn<System['ask']>(async (_, { seed }) => outcome(seed === 1 ? ['good'] : ['bad', 'good']));
  const result = await runExperiment(experiment([system('lucky', ask, { seeded: true }), first], { seeds: [1, 2] }), options());
  expect(ask).toHaveBeenCalledTimes(24);
  expect(average(result, result.systems[0]!, 'P@1').mean).toBe(0.5);
});

it('caches costly measurements too, and leaves out what a metric does not apply to', async () => {
  const measure = vi.fn((question: { id: string }) => (question.id === 'q0' ? undefined : 0.5));
  const metrics = [{ name: 'judged', better: 'higher' as const, cacheAs: 'judge 1', measure }];
  const result = await runExperiment(experiment([first], { metrics }), options());
  expect(average(result, result.systems[0]!, 'judged')).toEqual({ mean: 0.5, n: 11 });
  await runExperiment(experiment([first], { metrics }), options());
  expect(measure).toHaveBeenCalledTimes(12);
  await runExperiment(experiment([first], { metrics: [{ ...metrics[0]!, cacheAs: 'judge 2' }] }), options());
  expect(measure).toHaveBeenCalledTimes(24);
});

it.each<[string, () => Promise<unknown>, string]>([
  ['no system', () => runExperiment(experiment([]), options()), 'at least one system'],
  ['a system twice', () => runExperiment(experiment([first, first]), options()), '"first" twice'],
  ['an unknown baseline', () => runExperiment(experiment([first], { baseline: 'x' }), options()), 'none of the systems'],
  [
    'a document twice',
    () => runExperiment(experiment([system('s', async () => outcome(['a', 'a']))]), options()),
    'twice for question "q0"',
  ],
  [
    'NaN',
    () => runExperiment(experiment([first], { metrics: [{ name: 'm', better: 'higher', measure: () => Number.NaN }] }), options()),
    'finite number',
  ],
  ['no question', async () => dataSet('none', []), 'no question'],
  ['a question twice', async () => dataSet('twice', [questions[0]!, questions[0]!]), '"q0" occurs twice'],
])('refuses %s', async (_, run, message) => {
  await expect(run()).rejects.toThrow(message);
});

it('stops when asked to', async () => {
  const controller = new AbortController();
  controller.abort(new Error('enough'));
  await expect(runExperiment(experiment([first]), { ...options(), signal: controller.signal })).rejects.toThrow('enough');
});

it('says what got better and what got worse, per system, against the baseline or another result', async () => {
  const result = await runExperiment(experiment([first, better]), options());
  expect(compareWithBaseline(result, { metrics: ['P@1', 'latency ms'] })).toMatchObject([
    { metric: 'P@1', system: 'better', queries: 12, verdict: 'better', wins: 12, difference: { estimate: 1 } },
    { metric: 'latency ms', verdict: 'no difference shown', adjustedP: 1 },
  ]);
  expect(compareWithBaseline(result, { metrics: ['P@1'], slice: 'odd' })).toMatchObject([{ queries: 6, slice: 'odd' }]);

  const worse = await runExperiment(experiment([first, { ...better, settings: { id: 'broken' }, ask: first.ask }]), options());
  expect(compareResults(result, worse, { metrics: ['P@1'] })).toMatchObject([
    { system: 'first', verdict: 'no difference shown' },
    { system: 'better', verdict: 'worse' },
  ]);
  expect(compareResults(result, result).every(({ verdict }) => verdict === 'no difference shown')).toBe(true);
  const other = await runExperiment(experiment([first], { dataSet: dataSet('other', questions.slice(1)) }), options());
  expect(() => compareResults(result, other)).toThrow('different data');
});

it('reads back what was written, and nothing else', async () => {
  const result = await runExperiment(experiment([first]), options());
  const path = `${journal}.json`;
  await writeFile(path, JSON.stringify(result));
  expect(await readResult(path)).toEqual(result);
  await writeFile(path, '{}');
  await expect(readResult(path)).rejects.toThrow('resift-experiment-1');
  await writeFile(path, 'x');
  await expect(readResult(path)).rejects.toThrow('is not JSON');
  await expect(readResult(`${path}x`)).rejects.toMatchObject({ code: 'not_found' });
});
