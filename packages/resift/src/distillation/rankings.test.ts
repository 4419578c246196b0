import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReranker, type Reranker } from '@resift/core';
import { failOpen } from '@resift/reranker/fail-open';
import { bm25 } from '@resift/retrieval/bm25';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { collectRankings } from './collect-rankings.ts';
import { openRankings } from './rankings-file.ts';
import { trainingLists } from './training-lists.ts';

const documents = Array.from({ length: 20 }, (_, i) => ({ id: `d${i}`, title: 'red', text: `${'apple '.repeat(i + 1)}pear` }));
const queries = Array.from({ length: 6 }, (_, i) => ({ id: `q${i}`, text: i % 2 ? 'red apple' : 'pear' }));
const origin = { teacher: 't', retriever: 'bm25', candidates: 10, fingerprint: 'f' };

/** Prefers short texts. Counts its calls; throws at the one named. */
function teacher(scale: 'logit' | 'ordinal', failAt = -1) {
  const asked: string[][] = [];
  const reranker = createReranker({
    id: 't',
    scale,
    score: async (_, texts) => {
      if (asked.length === failAt) throw new Error('the teacher fell ill');
      asked.push([...texts]);
      return { values: texts.map((text) => (scale === 'ordinal' ? 1 / text.length : -text.length)) };
    },
  });
  return { reranker: reranker as Reranker, asked };
}

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'resift-rankings-'));
  path = join(folder, 'rankings.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function collect(reranker: Reranker) {
  const file = openRankings(path, origin);
  try {
    await collectRankings({ queries, retriever: bm25(documents), teacher: reranker, candidates: 10, file });
    return file.rankings;
  } finally {
    file.close();
  }
}

it('goes on where it stopped, and asks about nothing twice', async () => {
  const ill = teacher('logit', 4);
  await expect(collect(ill.reranker)).rejects.toThrow('fell ill');
  const well = teacher('logit');
  const rankings = await collect(well.reranker);
  expect([ill.asked.length, well.asked.length]).toEqual([4, 2]);
  expect(rankings.map(({ query }) => query)).toEqual(queries.map(({ id }) => id));
  expect(rankings[0]).toMatchObject({ order: expect.arrayContaining(['d0']), scores: expect.any(Array) });
  expect(well.asked[0]![0]).toMatch(/^red apple/);
});

it('reads what a kill left, wherever it cut the file', async () => {
  await collect(teacher('logit').reranker);
  const whole = readFileSync(path);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: whole.length }), async (length) => {
      truncateSync(path, 0);
      appendFileSync(path, whole.subarray(0, length));
      await collect(teacher('logit').reranker);
      expect(readFileSync(path).equals(whole)).toBe(true);
    }),
    { numRuns: 40 },
  );
});

it('refuses rankings of another teacher, and a file that is none', async () => {
  await collect(teacher('logit').reranker);
  expect(() => openRankings(path, { ...origin, teacher: 'other' })).toThrow(/teacher: t, now other/);
  appendFileSync(path, 'nonsense\n');
  expect(() => openRankings(path, origin)).toThrow(':8 is not JSON');
});

it('keeps no first-stage order as if it were the teacher’s', async () => {
  const broken = createReranker({ id: 't', scale: 'logit', score: () => Promise.reject(new Error('down')) });
  await expect(collect(failOpen(broken))).rejects.toThrow('did not rank query "q0"');
  expect(openRankings(path, origin).rankings).toEqual([]);
});

it('mines what the first stage liked and the teacher did not, in the teacher’s order', () => {
  const candidates = ['d9', 'd8', 'd7', 'd6', 'd5', 'd4', 'd3', 'd2', 'd1', 'd0'];
  const order = candidates.toReversed();
  const [list] = trainingLists([{ query: 'q', text: 'apple', candidates, order, scores: order.map((_, i) => -i) }], documents, {
    best: 1,
    negatives: 2,
  });
  // d9 and d8 stood first and fell furthest; d1 to d4 may be relevant as well.
  expect(list!.texts.map((text) => text.length)).toEqual(['d0', 'd8', 'd9'].map((id) => `red ${documents[Number(id[1])]!.text}`.length));
  expect(list!.scores).toEqual([-0, -8, -9]);
});

it('makes lists of what is there: an order without scores, few candidates, none', () => {
  const ranking = (order: string[]) => ({ query: 'q', text: 'apple', candidates: order.toSorted(), order });
  const lists = trainingLists([ranking([]), ranking(['d1']), ranking(['d1', 'd2']), ranking(['d3', 'd2', 'd1'])], documents, {
    holdoutEvery: 2,
  });
  expect(lists.map(({ texts, scores, holdout }) => [texts.length, scores, holdout])).toEqual([
    [2, null, false],
    [3, null, true],
  ]);
});
