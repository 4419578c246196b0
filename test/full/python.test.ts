import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const training = join(root, 'packages/models-en/training');
const python = join(process.env['RESIFT_VENV'] ?? '/opt/resift/venv', 'bin/python');
const why = existsSync(python) ? '' : ` (skipped: there is no Python environment at ${python}; scripts/ci-machine makes it)`;

function run(args: readonly string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(python, [...args], { cwd, encoding: 'utf8', env: { ...process.env, HF_HUB_OFFLINE: '1' } });
  return { status, output: `${stdout}\n${stderr}`.slice(-6000) };
}

describe.skipIf(why !== '')(`Python${why}`, () => {
  it('trains the smoke configurations and passes the tests of the recipe', () => {
    const { status, output } = run(['-m', 'pytest', '-q', '-x'], training);
    expect(status, output).toBe(0);
  });

  const parity = ['packages/eval/parity', 'packages/retrieval/parity'].flatMap((folder) =>
    existsSync(join(root, folder)) ? readdirSync(join(root, folder)).filter((name) => name.endsWith('.py')).map((name) => join(folder, name)) : [],
  );
  it.each(parity)('%s still gives the golden figures that the TypeScript tests check', (script) => {
    const { status, output } = run([join(root, script), '--check'], root);
    expect(status, output).toBe(0);
  });

  it('keeps the pinned environment importable', () => {
    expect(execFileSync(python, ['-c', 'import torch, transformers, onnxruntime; print("ok")'], { encoding: 'utf8' }).trim()).toBe('ok');
  });
});
