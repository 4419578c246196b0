import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'resift-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FLAGS = ['--conditions=@resift/source', '--import', 'tsx', join(root, 'apps/cli/src/main.ts')];
const ENVIRONMENT = { ...process.env, RESIFT_DATA_DIR: join(folder, 'data'), PORT: '39871' };

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as a child process, from source, in a folder of its own. */
function resift(args: readonly string[], { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {}): Promise<Run> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [...FLAGS, ...args], { cwd: root, env: { ...ENVIRONMENT, ...env } }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}

it.each([['serve'], ['ingest'], ['ask'], ['search'], ['rerank']])('%s explains itself', async (command) => {
  const { code, stdout } = await resift([command, '--help']);
  expect(code).toBe(0);
  expect(stdout).toContain(`Usage: resift ${command}`);
});

it('ends with 2 and a sentence on wrong usage', async () => {
  expect(await resift(['search'])).toMatchObject({ code: 2, stderr: expect.stringContaining('missing required argument') });
  expect(await resift(['ingest', 'no-such-file.md'])).toMatchObject({ code: 2, stderr: expect.stringContaining('no-such-file.md') });
  expect(await resift(['rerank', 'q'], { input: '{"body": "x"}' })).toMatchObject({ code: 2, stderr: expect.stringContaining('--field') });
});

it('lists every mistake of the environment at once and does not start', async () => {
  const { code, stderr } = await resift(['serve'], { env: { PORT: 'many', RESIFT_PRESET: 'fastest' } });
  expect(code).not.toBe(0);
  expect(stderr).toContain('PORT');
  expect(stderr).toContain('RESIFT_PRESET');
});

it('ranks JSONL from a pipe and keeps the records', async () => {
  const input = [
    { id: 1, text: 'Bananas are rich in potassium.' },
    { id: 2, text: 'Paris is the capital of France.', source: 'atlas' },
  ];
  const { code, stdout } = await resift(['rerank', 'capital of France', '--json'], {
    input: input.map((record) => JSON.stringify(record)).join('\n'),
  });
  expect(code).toBe(0);
  const [first, second] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(first).toMatchObject({ id: 2, source: 'atlas', index: 1, rank: 1, score: expect.any(Number) });
  expect(second).toMatchObject({ id: 1, rank: 2 });
  expect(first.score).toBeGreaterThan(second.score);
});

it('ingests files, finds them again in another process, and answers with a quote', async () => {
  writeFileSync(
    join(folder, 'bridge.md'),
    '# The Øresund Bridge\n\nThe Øresund Bridge links Copenhagen with Malmö. It was opened to traffic on 1 July 2000.\n',
  );
  writeFileSync(join(folder, 'staff.csv'), 'name,role\nAda Byron,Programmer\nGrace Hopper,Rear admiral\n');
  writeFileSync(join(folder, 'broken.pdf'), 'this is no PDF');

  const bad = await resift(['ingest', join(folder, 'broken.pdf'), join(folder, 'bridge.md'), join(folder, 'staff.csv')]);
  expect(bad.code).toBe(1);
  expect(bad.stdout).toContain('broken.pdf');
  expect(bad.stdout).toContain('3 documents');

  const found = await resift(['search', 'rear admiral', '--json', '--top', '1']);
  expect(JSON.parse(found.stdout).results[0].text).toContain('Grace Hopper');

  const asked = await resift(['ask', 'When was the Øresund Bridge opened to traffic?']);
  expect(asked.stderr).toBe('');
  expect(asked.stdout).toContain('2000');
  expect(asked.stdout).toMatch(/\[1\] .*“/);
});

it('finds this machine fit, and says what to do where it is not', async () => {
  const { code, stdout } = await resift(['doctor', '--json']);
  const { healthy, checks } = JSON.parse(stdout) as { healthy: boolean; checks: { name: string; status: string; todo?: string }[] };
  expect([code, healthy]).toEqual([0, true]);
  expect(checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['node', 'cpu', 'onnxruntime', 'models', 'ranking', 'store', 'port']),
  );

  const sick = await resift(['doctor', '--json', '--data-dir', join(root, 'package.json')], { env: { REDIS_URL: 'redis://127.0.0.1:9' } });
  expect(sick.code).toBe(1);
  const failed = (JSON.parse(sick.stdout).checks as typeof checks).filter(({ status }) => status === 'failed');
  expect(failed.map(({ name }) => name)).toEqual(['store', 'redis']);
  expect(failed.every(({ todo }) => todo)).toBe(true);
});

it('measures this machine and leaves nothing behind', async () => {
  const { code, stdout } = await resift(['bench', '--pairs', '4', '--rounds', '1', '--json'], { env: { TMPDIR: folder } });
  expect(code).toBe(0);
  const { rerank, embed, search } = JSON.parse(stdout);
  expect(rerank.map(({ model }: { model: string }) => model)).toEqual(['tiny', 'cascade', 'mini']);
  for (const { pairsPerSecond, p50Ms } of rerank) expect(Math.min(pairsPerSecond, p50Ms)).toBeGreaterThan(0);
  expect(embed.passagesPerSecond).toBeGreaterThan(0);
  expect(search.map(({ preset }: { preset: string }) => preset)).toEqual(['none', 'fast', 'balanced', 'quality']);
  expect(readdirSync(folder).filter((name) => name.startsWith('resift-bench-'))).toEqual([]);
});

it('completes its own commands', async () => {
  const { stdout } = await resift(['completion', 'bash']);
  for (const word of ['doctor', 'eval compare', '--generator', 'extractive chat']) expect(stdout).toContain(word);
});

it.each([
  ['rerank', ['rerank', 'capital of France']],
  ['search', ['search', 'anything']],
])('%s ends on Ctrl-C with 130, without a stack and without a lock', async (command, args) => {
  const data = mkdtempSync(join(folder, 'interrupted-'));
  const lock = join(data, 'default/resift.lock');
  const child = spawn(process.execPath, [...FLAGS, ...args], { cwd: root, env: { ...ENVIRONMENT, RESIFT_DATA_DIR: data } });
  let stderr = '';
  child.stderr.on('data', (piece) => {
    stderr += String(piece);
  });
  const ended = once(child, 'exit');
  // In the middle of its work: it has read more than a pipe holds, or has opened the store.
  if (command === 'rerank') await new Promise<void>((resolve) => child.stdin.write('a line of text\n'.repeat(200_000), () => resolve()));
  else while (!existsSync(lock)) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
  expect(stderr).toBe('error: Stopped by Ctrl-C.\n');
  expect(existsSync(lock)).toBe(false);
});
