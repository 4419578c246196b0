import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EmptyProject, libraryProject } from './project.ts';

const ESM = `import { localReranker } from 'resift';
  const reranker = await localReranker(JSON.parse(process.env.OPTIONS ?? '{}'));
  const documents = ['Bananas are yellow.', 'Berlin is in Germany.', 'Paris is the capital of France.'].map((text, i) => ({ id: String(i), text }));
  console.log((await reranker.rerank('capital of France', documents)).items[0].document.text);`;
const PARIS = { code: 0, stdout: 'Paris is the capital of France.\n', stderr: '' };

let project: EmptyProject;
/** A folder without node_modules, to which only what a test copies goes. */
let elsewhere: string;
beforeAll(async () => {
  project = await libraryProject();
  elsewhere = mkdtempSync(join(tmpdir(), 'resift-elsewhere-'));
  await project.install('esbuild@0.28.2');
  project.write('entry.mjs', ESM);
  project.write('entry.cjs', `${ESM.replace(/import .*/, "const { localReranker } = require('resift'); (async () => {")} })();`);
});
afterAll(() => {
  project.remove();
  rmSync(elsewhere, { recursive: true, force: true });
});

/** Everything in one file but ONNX Runtime, which is native code. */
async function bundle(format: 'esm' | 'cjs') {
  const [entry, out] = format === 'esm' ? ['entry.mjs', 'out/bundle.mjs'] : ['entry.cjs', 'out/bundle.cjs'];
  const flags = ['--bundle', '--platform=node', '--target=node20', `--format=${format}`, '--external:onnxruntime-node', `--outfile=${out}`];
  const built = await project.run('npx', ['esbuild', entry, ...flags, '--log-level=error']);
  expect(built).toEqual({ code: 0, stdout: '', stderr: '' });
  return join(project.folder, out);
}

it.each(['esm', 'cjs'] as const)('an esbuild bundle (%s) finds the worker and the models of the installed packages', async (format) => {
  expect(await project.run('node', [await bundle(format)])).toEqual(PARIS);
});

it('a bundle that keeps the packages external works too', async () => {
  await project.run('npx', [
    'esbuild',
    'entry.mjs',
    '--bundle',
    '--platform=node',
    '--packages=external',
    '--format=esm',
    '--outfile=e.mjs',
  ]);
  expect(await project.run('node', ['e.mjs'])).toEqual(PARIS);
});

it('a bundle that is shipped alone runs with the copied files it is told of, and says what is missing without', async () => {
  const file = join(elsewhere, 'bundle.mjs');
  cpSync(await bundle('esm'), file);
  const alone = (options: object) => project.run('node', [file], { env: { OPTIONS: JSON.stringify(options) }, cwd: elsewhere });
  expect((await alone({})).stderr).toContain('a bundle needs @resift/models-en installed beside it, or the option `folder`');

  const packages = join(project.folder, 'node_modules/@resift');
  const folder = join(elsewhere, 'models');
  cpSync(join(packages, 'models-en/models'), folder, { recursive: true });
  expect((await alone({ folder })).stderr).toContain('or name the file with the option `workerFile`');

  const workerFile = join(elsewhere, 'onnx-worker.mjs');
  cpSync(join(packages, 'models/dist/internal/onnx-worker.js'), workerFile);
  expect((await alone({ folder, workerFile })).stderr).toContain('npm install onnxruntime-node --onnxruntime-node-install=skip');
  const runtime = pathToFileURL(join(project.folder, 'node_modules/onnxruntime-node/dist/index.js')).href;
  expect(await alone({ folder, workerFile, runtime })).toEqual(PARIS);
  expect((await alone({ folder, workerFile: join(elsewhere, 'none.js'), runtime })).stderr).toContain(
    'Expected `workerFile` to be the path',
  );
});
