import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { evalCommand } from './eval.ts';

let folder: string;
let printed: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resift-cli-eval-'));
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});
const run = (...args: string[]) => evalCommand().exitOverride().parseAsync(args, { from: 'user' });

/** A result in which one system has this value for every question. */
async function result(name: string, value: number, more = {}) {
  const count = 40;
  const path = join(folder, `${name}.json`);
  const system = {
    id: 'bm25 + cascade',
    settings: {},
    values: { 'nDCG@10': Array.from({ length: count }, (_, i) => value + (i % 5) / 100) },
    top: Array.from({ length: count }, () => []),
    firstRelevant: Array.from({ length: count }, () => null),
    answers: Array.from({ length: count }, () => null),
    stages: {},
    usage: { calls: 0, inputTokens: 0, outputTokens: 0, truncated: 0 },
    degraded: [],
  };
  await writeFile(
    path,
    JSON.stringify({
      format: 'resift-experiment-1',
      name,
      finishedAt: '2026-11-21T00:00:00Z',
      valid: true,
      dataSet: { id: 'd', fingerprint: 'f' },
      questions: Array.from({ length: count }, (_, i) => ({ id: `q${i}`, text: 't', slices: [] })),
      metrics: [{ name: 'nDCG@10', better: 'higher' }],
      seeds: [1],
      baseline: 'bm25 + cascade',
      systems: [system],
      provenance: { machine: { platform: 'p', cpu: 'c', cores: 1, memoryGiB: 1, node: 'v20' }, commit: 'c', versions: {}, models: {} },
      ...more,
    }),
  );
  return path;
}

it('exits 1 on a significant regression, and only then', async () => {
  const [good, bad] = [await result('good', 0.6), await result('bad', 0.4)];
  await run('compare', good, bad);
  expect(process.exitCode).toBe(1);
  expect(printed).toContain('Regression: nDCG@10 of bm25 + cascade');
  process.exitCode = undefined;
  await run('compare', bad, good);
  await run('compare', good, good, '--json');
  expect(process.exitCode).toBeUndefined();
  expect(printed).toContain('No significant regression.');
});

it('refuses results with degraded queries unless told', async () => {
  const [good, shaky] = [await result('good', 0.6), await result('shaky', 0.6, { valid: false })];
  await expect(run('compare', good, shaky)).rejects.toThrow('degraded queries');
  await run('compare', good, shaky, '--allow-degraded');
});

it('writes the report of a result beside it', async () => {
  await run('report', await result('good', 0.6));
  expect(await readFile(join(folder, 'good.html'), 'utf8')).toContain('<!doctype html>');
  expect(await readFile(join(folder, 'good.md'), 'utf8')).toContain('## good');
});

it('names a file that is missing or wrong before any model is opened', async () => {
  await expect(run('run', join(folder, 'none.yaml'))).rejects.toThrow('Cannot read');
  await writeFile(join(folder, 'bad.yaml'), 'a: [');
  await expect(run('run', join(folder, 'bad.yaml'))).rejects.toThrow('cannot be read');
  await expect(run('compare', join(folder, 'a.json'), join(folder, 'b.json'))).rejects.toMatchObject({ code: 'not_found' });
});
