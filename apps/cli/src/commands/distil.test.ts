import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { distilCommand } from './distil.ts';

let folder: string;
let printed: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'resift-cli-distil-'));
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  vi.stubEnv('RESIFT_VENV', join(folder, 'no-python'));
  const texts = [
    'Bananas are rich in potassium.',
    'Paris is the capital of France.',
    'Berlin is the capital of Germany.',
    'The capital of a firm.',
  ];
  writeFileSync(join(folder, 'corpus.jsonl'), texts.map((text, i) => JSON.stringify({ _id: `d${i}`, text })).join('\n'));
  writeFileSync(join(folder, 'queries.txt'), 'capital of France\n\ncapital of Germany\n');
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const distil = (...more: string[]) =>
  distilCommand()
    .exitOverride()
    .parseAsync(['-q', join(folder, 'queries.txt'), '-c', join(folder, 'corpus.jsonl'), '-o', join(folder, 'out'), ...more], {
      from: 'user',
    });

it('ranks, keeps the rankings and the lists, and says what to run where Python is missing', async () => {
  await distil('--teacher', 'tiny', '--json');
  const { rankings, lists, next } = JSON.parse(printed);
  expect(rankings).toBe(2);
  expect(next).toMatch(/setup-env.*-m resift_training\.student_from_rankings --lists .*lists\.jsonl/);
  const [first] = readFileSync(lists, 'utf8').split('\n');
  expect(JSON.parse(first!)).toMatchObject({
    query: 'capital of France',
    texts: expect.arrayContaining(['Paris is the capital of France.']),
  });
  await expect(distil('--teacher', 'mini')).rejects.toThrow('holds other rankings');
});

it.each([
  [['--teacher', 'cohere:rerank-v3.5'], 'RESIFT_TEACHER_KEY'],
  [['--teacher', 'compatible:m'], 'RESIFT_TEACHER_URL'],
  [['--teacher', 'chat'], 'RESIFT_CHAT_URL'],
  [['--teacher', 'nobody'], 'There is no teacher "nobody"'],
])('says what the teacher of %j needs', async (teacher, what) => {
  await expect(distil(...teacher)).rejects.toThrow(what);
});

it('names the input that is wrong', async () => {
  writeFileSync(join(folder, 'corpus.jsonl'), '{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}');
  await expect(distil()).rejects.toThrow('the id "a" occurs twice');
  writeFileSync(join(folder, 'corpus.jsonl'), '{"id": "a"}');
  await expect(distil()).rejects.toThrow('record 1: expected the fields');
  writeFileSync(join(folder, 'queries.txt'), ' \n');
  await expect(distil()).rejects.toThrow('holds no query');
});
