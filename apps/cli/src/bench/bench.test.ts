import fc from 'fast-check';
import { expect, it } from 'vitest';
import { passagesOf, questionsOf } from './passages.ts';
import { summary, timed } from './timing.ts';

const documents = [{ id: 'a', title: 'A', text: Array.from({ length: 150 }, (_, i) => `word${i}`).join(' ') }];

it('cuts passages of one length and never repeats one', () => {
  const passages = passagesOf(documents, 9);
  expect(new Set(passages).size).toBe(9);
  for (const passage of passages) expect(passage.split(' ').length).toBeGreaterThanOrEqual(30);
  expect(questionsOf(documents, 5, 3).map(({ documents: { length } }) => length)).toEqual([5, 5, 5]);
});

it('takes the nearest-rank percentiles', () => {
  expect(summary([5, 1, 3, 2, 4])).toEqual({ runs: 5, p50Ms: 3, p95Ms: 5 });
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }), (taken) => {
      const { p50Ms, p95Ms } = summary(taken);
      expect(taken).toContain(p50Ms);
      expect(taken.filter((value) => value <= p95Ms).length).toBeGreaterThanOrEqual(0.95 * taken.length);
    }),
  );
});

it('warms up once and stops between two runs', async () => {
  const controller = new AbortController();
  const ran: number[] = [];
  const work = async (item: number) => {
    ran.push(item);
    if (item === 2) controller.abort(new Error('enough'));
  };
  await expect(timed([1, 2, 3], work, controller.signal)).rejects.toThrow('enough');
  expect(ran).toEqual([1, 1, 2]);
});
