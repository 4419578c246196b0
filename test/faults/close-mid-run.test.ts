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

it('survives that models are closed in the middle of a run', async () => {
  const { code, stdout, stderr } = await new Promise<{ code: number | string; stdout: string; stderr: string }>((resolve) => {
    execFile(
      process.execPath,
      ['--conditions=@resift/source', '--import', 'tsx', '--input-type=module', '-e', SCRIPT],
      { cwd: join(import.meta.dirname, '..') },
      (error, stdout, stderr) => resolve({ code: error ? (error.signal ?? error.code ?? 1) : 0, stdout, stderr }),
    );
  });
  expect(stderr).not.toContain('terminate called');
  expect(code).toBe(0);
  expect(stdout.trim().split('\n')).toEqual(['unavailable', 'unavailable', 'unavailable', 'unavailable']);
});
