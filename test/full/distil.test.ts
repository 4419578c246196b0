import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { random } from '@resift/eval/random';
import { pairedBootstrap } from '@resift/eval/significance/bootstrap';
import type { Compared } from 'resift/distillation/compare-rerankers';
import { afterAll, describe, expect, it } from 'vitest';
import { type Lesson, MEDQUAD, writeLesson } from './medquad-lesson.ts';
import { scriptedLlm } from './scripted-llm.ts';

const root = join(import.meta.dirname, '../..');
const python = join(process.env['RESIFT_VENV'] ?? '/opt/resift/venv', 'bin/python');
const absent = [python, MEDQUAD].find((path) => !existsSync(path));
const folder = mkdtempSync(join(tmpdir(), 'resift-distil-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Threads of PyTorch that wait for each other must not take the core from the one that works, where other work runs beside. */
const QUIET = { NO_COLOR: '1' };

/** A small student: two to three minutes of one core with all that is measured. */
const SMALL = ['--candidates', '10', '--layers', '2', '--steps', '60'];

interface Run {
  readonly code: number | null;
  readonly output: string;
}

/** The command from source. With `killWhen`, it is killed by SIGKILL as soon as that is true. */
function distil(
  lesson: Lesson,
  out: string,
  more: readonly string[],
  env: Record<string, string> = {},
  killWhen?: () => boolean,
): Promise<Run> {
  const command = ['--conditions=@resift/source', '--import', 'tsx', join(root, 'apps/cli/src/main.ts'), 'distil'];
  const paths = ['--queries', lesson.queries, '--corpus', lesson.corpus, '--out', join(folder, out), '--test', lesson.test, '--json'];
  const child = spawn(process.execPath, [...command, ...paths, ...more], { cwd: root, env: { ...process.env, ...QUIET, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const watch = setInterval(() => killWhen?.() && child.kill('SIGKILL'), 20);
  return new Promise((resolve) =>
    child.on('close', (code) => {
      clearInterval(watch);
      resolve({ code, output });
    }),
  );
}

function reportOf(out: string) {
  const { compared } = JSON.parse(readFileSync(join(folder, out, 'report.json'), 'utf8')) as { compared: Compared[] };
  const by = (name: string) => compared.find((each) => each.name === name)!;
  return { bm25: by('bm25'), teacher: by('teacher'), initial: by('student before'), student: by('student') };
}

/** Better than BM25 and than itself before, with 95 % intervals of the means that do not overlap. */
function expectLearned({ bm25, initial, student, teacher }: ReturnType<typeof reportOf>, name: string) {
  const shown = [bm25, initial, student, teacher].map(
    ({ name, ndcg10 }) => `${name} ${ndcg10.estimate.toFixed(3)} [${ndcg10.low.toFixed(3)}, ${ndcg10.high.toFixed(3)}]`,
  );
  console.log(
    `${name}: ${shown.join(', ')}; pairs/s student ${student.pairsPerSecond?.toFixed(0)}, teacher ${teacher.pairsPerSecond?.toFixed(0)}`,
  );
  expect(student.ndcg10.low).toBeGreaterThan(bm25.ndcg10.high);
  expect(student.ndcg10.low).toBeGreaterThan(initial.ndcg10.high);
  expect(pairedBootstrap(bm25.values, student.values).low).toBeGreaterThan(0);
}

describe.skipIf(absent !== undefined)(`resift distil${absent ? ` (skipped: there is no ${absent})` : ''}`, () => {
  it('an LLM that errs in a fifth of its places teaches a student that beats BM25 and itself before', async () => {
    const lesson = await writeLesson(join(folder, 'a'), { learn: 300, ask: 250 });
    const llm = await scriptedLlm(lesson.answers, 0.2, random(1));
    const env = { RESIFT_CHAT_URL: llm.url, RESIFT_CHAT_MODEL: 'scripted' };
    const options = [...SMALL, '--teacher', 'chat'];
    try {
      const killed = await distil(lesson, 'a/out', options, env, () => llm.calls() > 100);
      expect(killed.code).toBe(null);
      const before = llm.calls();
      const { code, output } = await distil(lesson, 'a/out', options, env);
      expect(code, output).toBe(0);
      // What was ranked before the kill was not asked again: 300 to learn from, 250 by the report, twice the first one of it.
      expect(llm.calls() - before).toBeLessThan(300 + 250 + 2 - 90);
    } finally {
      await llm.close();
    }
    expectLearned(reportOf('a/out'), 'scripted LLM');
  });

  it('mini teaches a student that beats BM25 and itself before', async () => {
    const lesson = await writeLesson(join(folder, 'b'), { learn: 300, ask: 250 });
    const { code, output } = await distil(lesson, 'b/out', [...SMALL, '--teacher', 'mini', '--loss', 'listnet']);
    expect(code, output).toBe(0);
    expectLearned(reportOf('b/out'), 'mini');
  });
});
