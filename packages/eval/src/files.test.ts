import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, expect, it } from 'vitest';
import { readBeir } from './beir.ts';
import { readJsonl, writeJsonl } from './jsonl.ts';
import { asEntries } from './run.ts';
import { formatQrels, formatTrecRun, readQrels, readTrecRun } from './trec.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resift-eval-'));
});
const file = async (name: string, text: string | Buffer) => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};
const all = async <T>(rows: AsyncIterable<T>) => {
  const list: T[] = [];
  for await (const row of rows) list.push(row);
  return list;
};

it('writes a run that it reads back', async () => {
  const run = new Map([
    [
      'q1',
      [
        { id: 'b', score: 0.1 + 0.2 },
        { id: 'a', score: 9 },
      ],
    ],
    ['q2', asEntries(['x'])],
  ]);
  const text = formatTrecRun(run, 'bm25');
  expect(text.split('\n')[0]).toBe('q1 Q0 a 1 9 bm25');
  const back = await readTrecRun(await file('run.txt', text));
  expect(back.get('q1')).toEqual([
    { id: 'a', score: 9 },
    { id: 'b', score: 0.1 + 0.2 },
  ]);
});

it('writes qrels that it reads back, and reads the BEIR form', async () => {
  const qrels = new Map([
    [
      'q1',
      new Map([
        ['d1', 2],
        ['d2', -1],
      ]),
    ],
  ]);
  expect(await readQrels(await file('a.qrels', formatQrels(qrels)))).toEqual(qrels);
  expect(await readQrels(await file('test.tsv', 'query-id\tcorpus-id\tscore\r\nq1\td1\t2\r\nq1\td2\t-1\r\n'))).toEqual(qrels);
});

it.each([
  ['run', 'q1 Q0 d1 1 nan tag', 'finite score'],
  ['run', 'q1 Q0 d1 1', 'six fields'],
  ['run', 'q1 Q0 d1 1 2 t\nq1 Q0 d1 2 1 t', '"d1" is twice'],
  ['qrels', 'q1 0 d1 high', 'whole number'],
  ['qrels', 'q1 0 d1 1\nq1 0 d1 2', 'earlier line'],
  ['qrels', '\n', 'no judgement'],
])('names what is wrong in a %s file: %j', async (kind, text, named) => {
  const path = await file('broken', text);
  await expect(kind === 'run' ? readTrecRun(path) : readQrels(path)).rejects.toThrow(named);
});

it('does not write what TREC files cannot hold', () => {
  expect(() => formatTrecRun(new Map([['q 1', asEntries(['a'])]]), 'tag')).toThrow('white space');
});

it('reads and writes JSON Lines, packed too, and gives the number of a broken line', async () => {
  const path = join(folder, 'rows.jsonl.gz');
  await writeJsonl(path, [{ a: 1 }, { a: 'ü' }]);
  expect(await all(readJsonl(path))).toEqual([{ a: 1 }, { a: 'ü' }]);
  await expect(all(readJsonl(await file('bad.jsonl', '{"a":1}\n{oops\n')))).rejects.toThrow('bad.jsonl:2');
  await expect(all(readJsonl(join(folder, 'none.jsonl')))).rejects.toMatchObject({ code: 'not_found' });
  await expect(all(readJsonl(await file('cut.jsonl.gz', gzipSync('{"a":1}\n'.repeat(5000)).subarray(0, 60))))).rejects.toMatchObject({
    code: 'corrupt',
  });
});

it('reads a BEIR folder and refuses one that does not fit together', async () => {
  await mkdir(join(folder, 'qrels'));
  await file('corpus.jsonl', '{"_id":"d1","title":"T","text":"one"}\n{"_id":2,"text":"two"}\n');
  await file('queries.jsonl', '{"_id":"q1","text":"first"}\n{"_id":"q2","text":"not judged"}\n');
  await file('qrels/test.tsv', 'query-id\tcorpus-id\tscore\nq1\t2\t1\n');
  expect(await readBeir(folder)).toEqual({
    corpus: [
      { id: 'd1', title: 'T', text: 'one' },
      { id: '2', title: '', text: 'two' },
    ],
    queries: new Map([['q1', 'first']]),
    qrels: new Map([['q1', new Map([['2', 1]])]]),
  });
  await file('qrels/dev.tsv', 'q1\td9\t1\n');
  await expect(readBeir(folder, { split: 'dev' })).rejects.toThrow('document "d9" is judged');
  await expect(readBeir(folder, { split: 'train' })).rejects.toThrow('BEIR layout');
  await file('corpus.jsonl', '{"_id":"d1","text":"one"}\n{"_id":"d1","text":"again"}\n');
  await expect(readBeir(folder)).rejects.toThrow('"d1" occurs twice');
});
