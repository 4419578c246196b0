import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openTransformersPairModel } from '@resift/models/transformers-pair-model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// transformers.js is 474 MB, so it is installed into a project of its own, by its own name and by the old one as an alias, without scripts.
const fixtures = join(import.meta.dirname, '../../packages/models/fixtures/cross-encoders');
let project: string;
let addresses: Record<string, string>;
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'resift-transformers-'));
  const version = '4.3.1';
  const dependencies = { '@huggingface/transformers': version, '@xenova/transformers': `npm:@huggingface/transformers@${version}` };
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const { status, stderr } = spawnSync(
    'npm',
    ['install', '--no-audit', '--no-fund', '--onnxruntime-node-install=skip', '--ignore-scripts'],
    {
      cwd: project,
      encoding: 'utf8',
    },
  );
  expect(status, stderr).toBe(0);
  const { resolve } = createRequire(join(project, 'index.js'));
  const address = (name: string) => pathToFileURL(resolve(name).replace(/\.cjs$/, '.mjs')).href;
  addresses = Object.fromEntries(Object.keys(dependencies).map((name) => [name, address(name)]));
  for (const name of ['bert-two-logits', 'xlm-roberta', 'modernbert']) {
    cpSync(join(fixtures, name), join(project, 'models', name), { recursive: true });
  }
  // It looks for the file in that folder only.
  mkdirSync(join(project, 'models/bert-two-logits/onnx'));
  cpSync(join(fixtures, 'bert-two-logits/model.onnx'), join(project, 'models/bert-two-logits/onnx/model.onnx'));
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

const open = (model: string, name = '@huggingface/transformers') =>
  openTransformersPairModel({ model, package: addresses[name]!, localModelPath: join(project, 'models'), maxTokens: 48 });

interface Pair {
  readonly query: string;
  readonly text: string;
  readonly logits: [number] | [number, number];
  readonly tokens: number;
}

/** Its tokenizer ignores the charsmap of a SentencePiece model, so rare characters come out as other tokens than in Python. */
const LEAST: Readonly<Record<string, number>> = { 'bert-two-logits': 1, 'xlm-roberta': 0.95, modernbert: 1 };

describe.each(['bert-two-logits', 'xlm-roberta', 'modernbert'])('%s by transformers.js', (name) => {
  it('scores as Python does, alone and among others', async () => {
    await using model = await open(name);
    const { pairs } = JSON.parse(readFileSync(join(fixtures, name, 'expected.json'), 'utf8')) as { pairs: Pair[] };
    let same = 0;
    for (const { query, text, logits, tokens } of pairs) {
      const scored = await model.score(query, ['another text', text, 'the film star']);
      const expected = logits.length === 2 ? logits[1] - logits[0] : logits[0];
      // Where it reads a text in other tokens than Python, the score is of these.
      if (Math.abs(scored.logits[1]! - expected) < 1e-4) same += 1;
      else console.log(`${name}: ${JSON.stringify(text)} ${scored.logits[1]} instead of ${expected} (${tokens} tokens)`);
    }
    expect(same / pairs.length).toBeGreaterThanOrEqual(LEAST[name]!);
  });
});

it('runs under the old name, obeys a budget and an abort, and names a query that is too long', async () => {
  await using model = await open('modernbert', '@xenova/transformers');
  const { logits, usage } = await model.score('film', ['star', 'water', 'red '.repeat(60)], { tokenBudget: 16 });
  expect(logits.map((logit) => logit !== undefined)).toEqual([true, true, false]);
  expect(usage.truncated).toBe(0);
  expect((await model.score('film', ['red '.repeat(60)])).usage).toMatchObject({ truncated: 1 });
  await expect(model.score('film', ['a'], { signal: AbortSignal.abort('left') })).rejects.toBe('left');
  await expect(model.score('film '.repeat(50), ['a'])).rejects.toMatchObject({ code: 'input_too_long' });
  await expect(open('none')).rejects.toMatchObject({ code: 'not_found' });
  await expect(openTransformersPairModel({ model: 'x' })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('npm install'),
  });
});
