import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const training = join(root, 'packages/models-en/training');
const trainingPython = join(process.env['RESIFT_VENV'] ?? '/opt/resift/venv', 'bin/python');
const parityPython = join(process.env['RESIFT_PARITY_VENV'] ?? '/opt/resift/parity', 'bin/python');

/** Empty where the environment is there; else why its tests do not run. */
const absent = (python: string) => (existsSync(python) ? '' : ` (skipped: no ${python}; scripts/ci-machine makes it)`);

function run(python: string, args: readonly string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(python, [...args], { cwd, encoding: 'utf8', env: { ...process.env, HF_HUB_OFFLINE: '1' } });
  return { status, output: `${stdout}\n${stderr}`.slice(-6000) };
}

describe.skipIf(absent(trainingPython) !== '')(`the training recipe${absent(trainingPython)}`, () => {
  it('trains its smoke configurations and passes its own tests', () => {
    const { status, output } = run(trainingPython, ['-m', 'pytest', '-q'], training);
    expect(status, output).toBe(0);
  });
});

describe.skipIf(absent(parityPython) !== '')(`parity with Python${absent(parityPython)}`, () => {
  const folder = join(root, 'packages/eval/parity');
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.py') && name !== 'golden.py');

  it.each(scripts)('%s still gives the golden figures that the TypeScript tests check', (script) => {
    const { status, output } = run(parityPython, [join(folder, script), '--check'], root);
    expect(status, output).toBe(0);
  });
});
