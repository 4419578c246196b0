import { expect, it } from 'vitest';
import { breaths, nextTurn } from './breaths.ts';

it('gives one work at a time its turn between two turns of the event loop, in the order they came', async () => {
  const turns: number[] = [];
  let loop = 0;
  let counting = true;
  const count = () => {
    loop += 1;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  const work = async (name: number) => {
    await nextTurn();
    turns.push(name, loop);
  };
  await Promise.all([1, 2, 3, 4].map(work));
  counting = false;
  expect(turns.filter((_, i) => i % 2 === 0)).toEqual([1, 2, 3, 4]);
  const loops = turns.filter((_, i) => i % 2 === 1);
  expect(new Set(loops).size).toBe(4);
});

it('waits only when its time is up', async () => {
  const breathe = breaths();
  expect(breathe()).toBeUndefined();
  const until = performance.now() + 6;
  while (performance.now() < until);
  await expect(breathe()).resolves.toBeUndefined();
  expect(breathe()).toBeUndefined();
});

it('lets who has begun go before who comes', async () => {
  const order: string[] = [];
  const work = async (name: string) => {
    await nextTurn();
    const breathe = breaths();
    for (let step = 0; step < 2; step++) {
      const until = performance.now() + 6;
      while (performance.now() < until);
      order.push(name);
      await breathe();
    }
  };
  await Promise.all([work('a'), work('b')]);
  expect(order).toEqual(['a', 'a', 'b', 'b']);
});
