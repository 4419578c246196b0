import fc from 'fast-check';
import { expect, it } from 'vitest';
import { coverage, evaluate } from './evaluate.ts';
import { precision, recall } from './ranking/at-k.ts';
import { rankingMetric } from './ranking/by-name.ts';
import { err } from './ranking/err.ts';
import { ndcg } from './ranking/ndcg.ts';
import { rbp } from './ranking/rbp.ts';
import { asEntries, checkKnown, trecOrder } from './run.ts';

const qrels = new Map([
  [
    'q1',
    new Map([
      ['a', 2],
      ['b', 0],
    ]),
  ],
  ['q2', new Map([['c', 1]])],
]);

it('averages over the judged queries; one without an answer counts 0 unless told to skip it', () => {
  const run = new Map([['q1', asEntries(['a', 'b'])]]);
  expect(evaluate(run, qrels, [ndcg(10)])[0]).toMatchObject({ metric: 'nDCG@10', mean: 0.5 });
  expect(evaluate(run, qrels, [ndcg(10)], { unanswered: 'skip' })[0]?.mean).toBe(1);
});

it('leaves out queries that nobody judged, and says which', () => {
  const run = new Map([
    ['q1', asEntries(['a'])],
    ['q9', asEntries(['z'])],
  ]);
  expect(evaluate(run, qrels, [precision(1)])[0]?.perQuery).toEqual(
    new Map([
      ['q1', 1],
      ['q2', 0],
    ]),
  );
  expect(coverage(run, qrels)).toEqual({ unanswered: ['q2'], unjudged: ['q9'] });
});

it('refuses what has no meaning, and says why', () => {
  const run = (...entries: { id: string; score: number }[]) => new Map([['q1', entries]]);
  expect(() => evaluate(run({ id: 'a', score: 1 }), new Map(), [ndcg()])).toThrow('qrels are empty');
  expect(() => evaluate(new Map([['other', []]]), qrels, [ndcg()])).toThrow('same query ids');
  expect(() => evaluate(run({ id: 'a', score: 1 }, { id: 'a', score: 2 }), qrels, [ndcg()])).toThrow('"a" is twice');
  expect(() => evaluate(run({ id: 'a', score: Number.NaN }), qrels, [ndcg()])).toThrow('finite scores, got NaN');
  expect(() => checkKnown(run({ id: 'x', score: 1 }), { documents: new Set(['a']) })).toThrow('names document "x"');
  expect(() => checkKnown(run(), { queries: new Set(['q2']) })).toThrow('answers query "q1"');
});

it('orders like trec_eval: equal 32-bit scores by id, the greater bytes first', () => {
  const at = (id: string, score = 1) => ({ id, score });
  expect(trecOrder([at('a'), at('c'), at('b', 1 + 1e-10)], 'q')).toEqual(['c', 'b', 'a']);
  expect(trecOrder([at('\u{1F600}'), at('\uFFFD'), at('z')], 'q')).toEqual(['\u{1F600}', '\uFFFD', 'z']);
});

it('never leaves [0, 1], and a perfect order is worth 1', () => {
  const grades = fc.dictionary(fc.string({ minLength: 1, maxLength: 3 }), fc.integer({ min: 0, max: 4 }), { minKeys: 1 });
  const names = ['nDCG@5', 'AP', 'RR', 'R@5', 'P@3', 'Success@1', 'Rprec', 'Bpref', 'RBP(p=0.9)', 'ERR@10', 'Judged@5'];
  fc.assert(
    fc.property(grades, fc.integer(), (judged, salt) => {
      const map = new Map(Object.entries(judged));
      const ids = [...map.keys(), 'unjudged'].sort((x, y) => ((x.length * salt) % 7) - ((y.length * salt) % 7));
      for (const name of names) {
        const value = rankingMetric(name).measure(ids, map);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1 + 1e-12);
      }
      const ideal = [...map].sort(([, x], [, y]) => y - x).map(([id]) => id);
      const relevant = [...map.values()].some((grade) => grade > 0);
      for (const name of ['nDCG@5', "nDCG(dcg='exp-log2')@5", 'AP', 'RR', 'Rprec', 'Bpref']) {
        expect(rankingMetric(name).measure(ideal, map)).toBeCloseTo(relevant ? 1 : 0, 12);
      }
    }),
  );
});

it('knows metrics by the names of ir_measures and by common ones', () => {
  expect(rankingMetric('MRR@10').name).toBe('RR@10');
  expect(rankingMetric('R(rel=2)@100').name).toBe('R(rel=2)@100');
  expect(() => rankingMetric('nDGC@10')).toThrow('Unknown ranking metric "nDGC@10"');
  expect(() => rankingMetric('nDCG(depth=3)@10')).toThrow('Unknown ranking metric');
  expect(() => rankingMetric('P')).toThrow('needs a cutoff');
});

it('refuses parameters out of range', () => {
  expect(() => recall(0)).toThrow('1 or more');
  expect(() => ndcg(1.5)).toThrow('1 or more');
  expect(() => rbp({ persistence: 1 })).toThrow('between 0 and 1');
  expect(() => err(5).measure(['a'], new Map([['a', 5]]))).toThrow('set maxGrade');
});
