import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Closes the models while their threads are in the middle of native runs, again and again. */
const SCRIPT = `
import { openModels } from 'resift';
for (let round = 0; round < 4; round++) {
  const models = await openModels({ workers: 2 });
  const reranker = await models.reranker('mini');
  const text = 'The quick brown fox jumps over the lazy dog near the river bank. '.repeat(20);
  await reranker.rerank('warm', [{ id: 'w', text }]);
  const cut = reranker.rerank('fox', Array.from({ length: 200 }, (_, i) => ({ id: String(i), text: text + i }))).then(() => 'done', (error) => error.code);
  await new Promise((resolve) => setTimeout(resolve, 40 + 37 * round));
  await models.close();
  console.log(await cut);
}`;

/** Native runs for a minute, given up at once: the thread outlives the patience of whoever ends it. */
const LONG_SCRIPT = `
import { join } from 'node:path';
import { createOnnxPool } from '@resift/models/onnx-pool';
import { modelsFolder } from '@resift/models-en';
const pool = createOnnxPool({ workers: 1, runTimeoutMs: 50 });
const model = await pool.open(join(modelsFolder, 'embed.onnx'));
const tensor = (data) => ({ dims: [64, 256], data });
const feeds = { input_ids: tensor(new Int32Array(64 * 256).fill(2000)), attention_mask: tensor(new Int32Array(64 * 256).fill(1)) };
console.log(await model.runAll([new Array(60).fill(feeds)]).catch((error) => error.code));
await new Promise((resolve) => setTimeout(resolve, 11_000));
console.log('alive');
process.kill(process.pid, 'SIGKILL'); // the rest of the run proves nothing
`;

it('survives that models are closed in the middle of a run', async () => {
  const { code, stdout, stderr } = await runScript(SCRIPT);
  expect(stderr).not.toContain('terminate called');
  expect(code).toBe(0);
  expect(stdout.trim().split('\n')).toEqual(['unavailable', 'unavailable', 'unavailable', 'unavailable']);
});

it('survives native runs that take longer than anybody waits for them', async () => {
  const { stdout, stderr } = await runScript(LONG_SCRIPT);
  expect(stderr).not.toContain('terminate called');
  expect(stdout.trim().split('\n')).toEqual(['timeout', 'alive']);
});

function runScript(script: string): Promise<{ code: number | string; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--conditions=@resift/source', '--import', 'tsx', '--input-type=module', '-e', script],
      { cwd: join(import.meta.dirname, '..') },
      (error, stdout, stderr) => resolve({ code: error ? (error.signal ?? error.code ?? 1) : 0, stdout, stderr }),
    );
  });
}
