import { createReranker } from '@resift/core';
import { expect, it } from 'vitest';
import { type Arm, type HoldoutState, holdoutMonitor, withHoldout } from './holdout.ts';
import { seeded } from './internal/seeded.ts';
import { keptState } from './kept-state.ts';
import { memoryKeyValue } from './key-value.ts';

/** Requests of which a share is held out, and that are clicked with these chances. */
function* requests(random: () => number, share: number, chances: Readonly<Record<Arm, number>>): Generator<[Arm, number]> {
  for (;;) {
    const arm = random() < share ? 'held out' : 'reranked';
    yield [arm, random() < chances[arm] ? 1 : 0];
  }
}

it('says `helps` of at most 5 % of 1,000 streams without a lift, though one looks after every request', () => {
  const random = seeded(11);
  let wrong = 0;
  for (let stream = 0; stream < 1000; stream++) {
    const share = [0.5, 0.2, 0.05][stream % 3]!;
    const monitor = holdoutMonitor({ share, threshold: 0 });
    let left = 300;
    for (const [arm, outcome] of requests(random, share, { reranked: 0.4, 'held out': 0.4 })) {
      monitor.observe(arm, outcome);
      if (monitor.report().verdict === 'helps') {
        wrong += 1;
        break;
      }
      left -= 1;
      if (left === 0) break;
    }
  }
  expect(wrong).toBeLessThanOrEqual(50);
});

it.each([
  { share: 0.5, most: 20_000 },
  { share: 0.1, most: 60_000 },
])('finds a lift of 5 % with $share held out', ({ share, most }) => {
  const monitor = holdoutMonitor({ share });
  let seen = 0;
  for (const [arm, outcome] of requests(seeded(3), share, { reranked: 0.45, 'held out': 0.4 })) {
    monitor.observe(arm, outcome);
    seen += 1;
    if (seen % 500 === 0 && monitor.report().verdict !== 'unclear') break;
    if (seen === most) break;
  }
  const { verdict, lift, arms } = monitor.report();
  expect(verdict).toBe('helps');
  expect(lift.lower).toBeLessThan(0.05);
  expect(lift.upper).toBeGreaterThan(0.05);
  expect(arms['held out'].count / seen).toBeCloseTo(share, 1);
});

it('says `not worth it` where reranking changes nothing or harms', () => {
  for (const reranked of [0.4, 0.3]) {
    const monitor = holdoutMonitor({ share: 0.5, threshold: 0.05 });
    let left = 20_000;
    for (const [arm, outcome] of requests(seeded(8), 0.5, { reranked, 'held out': 0.4 })) {
      monitor.observe(arm, outcome);
      left -= 1;
      if (left === 0) break;
    }
    expect(monitor.report().verdict).toBe('not worth it');
  }
});

it('goes on from its state, kept as JSON in a store', async () => {
  const kept = keptState<HoldoutState>(memoryKeyValue(), 'lift:search');
  expect(await kept.load()).toBeUndefined();
  const first = holdoutMonitor({ share: 0.2 });
  const second = requests(seeded(4), 0.2, { reranked: 0.5, 'held out': 0.1 });
  for (let i = 0; i < 50; i += 1) first.observe(...(second.next().value as [Arm, number]));
  await kept.save(first.state());
  const again = holdoutMonitor({ share: 0.2, state: await kept.load() });
  for (let i = 0; i < 50; i += 1) {
    const [arm, outcome] = second.next().value as [Arm, number];
    first.observe(arm, outcome);
    again.observe(arm, outcome);
  }
  expect(again.report()).toEqual(first.report());
});

it('names a state that is none', async () => {
  const store = memoryKeyValue();
  await store.setMany([['x', 'nonsense']], 1_000);
  await expect(keptState(store, 'x').load()).rejects.toThrow('"x"');
});

it('leaves its share in first-stage order and says so; a request that fails keeps its arm', async () => {
  const backwards = createReranker({ id: 'backwards', scale: 'logit', score: async (_, texts) => ({ values: texts.map((_, i) => i) }) });
  const documents = ['a', 'b'].map((id) => ({ id, text: id }));
  const draws = [0.05, 0.1];
  const reranker = withHoldout(backwards, { share: 0.1, random: () => draws.shift()! });
  expect(await reranker.rerank('q', documents)).toMatchObject({
    arm: 'held out',
    items: [],
    skipped: documents,
    status: { status: 'skipped', reason: 'rule' },
  });
  const { arm, items } = await reranker.rerank('q', documents);
  expect(arm).toBe('reranked');
  expect(items[0]!.document.id).toBe('b');
  for (const share of [0, 1, Number.NaN]) expect(() => withHoldout(backwards, { share })).toThrow('share');
});

it('refuses outcomes and arms that are none', () => {
  const monitor = holdoutMonitor({ share: 0.5 });
  expect(() => monitor.observe('reranked', 2)).toThrow('from 0 to 1');
  expect(() => monitor.observe('other' as never, 1)).toThrow('arm');
  expect(() => holdoutMonitor({ share: 0.5, threshold: 2 })).toThrow('threshold');
});
