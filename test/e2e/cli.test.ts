import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'resift-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as a child process, from source, in a folder of its own. */
function resift(args: readonly string[], { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {}): Promise<Run> {
  const flags = ['--conditions=@resift/source', '--import', 'tsx', join(root, 'apps/cli/src/main.ts')];
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...flags, ...args],
      { cwd: root, env: { ...process.env, RESIFT_DATA_DIR: join(folder, 'data'), PORT: '39871', ...env } },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
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
