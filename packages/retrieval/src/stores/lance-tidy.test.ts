import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createTidying } from './lance-tidy.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp({ chunks = 1_000, smallFiles = 0 } = {}) {
  const tidied: string[] = [];
  const tidying = createTidying({
    extent: async () => ({ chunks, smallFiles }),
    optimize: async (name) => {
      tidied.push(name);
    },
    idleMs: 2_000,
  });
  const commit = async (times: number, rows = 1, name = 'c') => {
    for (let i = 0; i < times; i++) await tidying.committed(name, rows);
  };
  return { tidied, tidying, commit };
}

it('uses a pause after a few commits, once, and not before it is one', async () => {
  const { tidied, commit } = setUp();
  await commit(7);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(tidied).toEqual([]);
  await commit(1);
  await vi.advanceTimersByTimeAsync(1_500);
  await commit(1);
  await vi.advanceTimersByTimeAsync(1_500);
  expect(tidied).toEqual([]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(tidied).toEqual(['c']);
});

it('waits for no pause after many commits, many rows, or with many small files of earlier processes', async () => {
  for (const [commits, rows, extent] of [
    [64, 1, {}],
    [2, 2_048, {}],
    [2, 5_000, { chunks: 40_000 }],
    [1, 1, { smallFiles: 63 }],
  ] as const) {
    const { tidied, commit } = setUp(extent);
    await commit(commits - 1, rows);
    expect(tidied).toEqual([]);
    await commit(1, rows);
    expect(tidied).toEqual(['c']);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(tidied).toEqual(['c']);
  }
});

it('counts collections apart, and leaves them alone when it is closed', async () => {
  const { tidied, tidying, commit } = setUp();
  await commit(8, 1, 'a');
  await commit(3, 1, 'b');
  await vi.advanceTimersByTimeAsync(2_000);
  expect(tidied).toEqual(['a']);
  await commit(8, 1, 'b');
  tidying.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(tidied).toEqual(['a']);
});
