import { createReranker } from '@resift/core';
import { describe, expect, it } from 'vitest';
import { seeded } from './internal/seeded.ts';
import { type LiftObservation, liftMonitor } from './lift.ts';
import { monitored } from './monitored.ts';

const ids = (random: () => number) =>
  Array.from({ length: 12 }, (_, i) => ({ id: `d${i}`, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ id }) => id);

/** One relevant document, whose place both orders draw at random; with `better`, the reranked order moves it up. */
function query(random: () => number, better: number): LiftObservation {
  const firstStage = ids(random);
  const reranked = ids(random);
  if (random() < better) {
    const place = reranked.indexOf('d0');
    reranked.splice(place, 1);
    reranked.unshift('d0');
  }
  return { firstStage, reranked, grades: { d0: 1 } };
}

it('says `helps` of at most 5 % of 1,000 streams without a lift, though one looks after every query', () => {
  const random = seeded(1);
  let wrong = 0;
  for (let stream = 0; stream < 1000; stream++) {
    const monitor = liftMonitor({ threshold: 0 });
    for (let i = 0; i < 60; i++) {
      monitor.observe(query(random, 0));
      if (monitor.report().verdict !== 'helps') continue;
      wrong += 1;
      break;
    }
  }
  expect(wrong).toBeLessThanOrEqual(50);
});

it('finds a true lift, with the means before and after', () => {
  const random = seeded(2);
  const monitor = liftMonitor();
  for (let i = 0; i < 4000; i++) monitor.observe(query(random, 0.12));
  const { verdict, lifts, before, after } = monitor.report();
  const { mean, lower, upper } = lifts['ndcg@10'];
  expect(mean).toBeGreaterThan(0.05);
  expect(mean).toBeLessThan(0.1);
  expect(lower).toBeGreaterThan(0);
  expect(upper).toBeGreaterThan(mean);
  expect(after['ndcg@10'] - before['ndcg@10']).toBeCloseTo(mean, 9);
  expect(verdict).toBe('helps');
});

it('finds a lift of 0.05 in steady queries, and says `not worth it` of one under the threshold', () => {
  const random = seeded(4);
  // The relevant document moves from third to second place in some queries: nDCG .5 to .63.
  const after = (share: number) => {
    const monitor = liftMonitor();
    for (let i = 0; i < 6000; i++) {
      const moved = random() < share;
      monitor.observe({ firstStage: ['x', 'y', 'z'], reranked: moved ? ['x', 'z', 'y'] : ['x', 'y', 'z'], grades: { z: 1 } });
    }
    return monitor.report();
  };
  const real = after(0.38);
  expect(real.lifts['ndcg@10'].mean).toBeCloseTo(0.05, 2);
  expect(real.verdict).toBe('helps');
  expect(after(0.03).verdict).toBe('not worth it');
  expect(after(0).verdict).toBe('not worth it');
});

it('measures order without judgements, and ignores queries without a relevant document', () => {
  const monitor = liftMonitor();
  monitor.observe({ firstStage: ['a', 'b', 'c'], reranked: ['b', 'a', 'c'] });
  monitor.observe({ firstStage: ['a', 'b'], reranked: ['a', 'b'], grades: { a: 0 } });
  const { queries, overlapAt10, displacement, lifts, verdict } = monitor.report();
  expect({ queries, overlapAt10, displacement }).toEqual({ queries: 2, overlapAt10: 1, displacement: 1 / 3 });
  expect(lifts['ndcg@10'].count).toBe(0);
  expect(verdict).toBe('unclear');
});

it('gives the measures their textbook values', () => {
  const monitor = liftMonitor();
  monitor.observe({ firstStage: ['x', 'a', 'b'], reranked: ['a', 'x', 'b'], grades: { a: 3, b: 1, c: 1 } });
  const { before, after } = monitor.report();
  const ideal = 7 + 1 / Math.log2(3) + 1 / 2;
  expect(before['ndcg@10']).toBeCloseTo((7 / Math.log2(3) + 1 / 2) / ideal, 9);
  expect(after['ndcg@10']).toBeCloseTo((7 + 1 / 2) / ideal, 9);
  expect(before['recall@10']).toBeCloseTo(2 / 3, 9);
  expect([before.mrr, after.mrr]).toEqual([0.5, 1]);
});

it('goes on from its state, and judges by clicks where asked to', () => {
  const first = liftMonitor({ measure: 'clicks' });
  for (let i = 0; i < 500; i++) first.observeClicks(i % 3 === 0 ? 0 : 1);
  const second = liftMonitor({ measure: 'clicks', state: JSON.parse(JSON.stringify(first.state())) });
  expect(second.report()).toEqual(first.report());
  expect(second.report().verdict).toBe('helps');
});

describe('monitored', () => {
  const backwards = createReranker({ id: 'backwards', scale: 'logit', score: async (_, texts) => ({ values: texts.map((_, i) => i) }) });
  const documents = ['a', 'b', 'c'].map((id) => ({ id, text: id }));
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('observes a share of the queries, whole lists, and still cuts', async () => {
    const monitor = liftMonitor();
    const draws = [0.05, 0.5, 0.05];
    const watched = monitored(backwards, { monitor, random: () => draws.shift()!, grades: async () => ({ a: 1 }) });
    for (let i = 0; i < 3; i++) expect((await watched.rerank('q', documents, { topK: 1 })).items).toHaveLength(1);
    await settled();
    expect(monitor.report()).toMatchObject({ queries: 2, displacement: 4 / 3 });
    expect(monitor.report().lifts.mrr.mean).toBeCloseTo(1 / 3 - 1, 9);
  });

  it('leaves reranking out while it is not worth it, and looks again now and then', async () => {
    const monitor = liftMonitor();
    for (let i = 0; i < 3000; i++) monitor.observe({ firstStage: ['a', 'b'], reranked: ['b', 'a'], grades: { a: 1 } });
    const draws = [0.5, 0.001];
    const watched = monitored(backwards, { monitor, bypass: true, random: () => draws.shift()! });
    expect(await watched.rerank('q', documents)).toMatchObject({
      items: [],
      skipped: documents,
      status: { status: 'skipped', reason: 'rule' },
    });
    expect((await watched.rerank('q', documents)).status.status).toBe('applied');
    await settled();
    expect(monitor.report().queries).toBe(3001);
  });

  it('never breaks the answer', async () => {
    const failing = monitored(backwards, { monitor: liftMonitor(), sample: 1, grades: () => Promise.reject(new Error('no')) });
    expect((await failing.rerank('q', documents)).items).toHaveLength(3);
    await settled();
    expect(() => monitored(backwards, { monitor: liftMonitor(), sample: 2 })).toThrow('sample');
  });
});
