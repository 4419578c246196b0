import { ResiftError } from '@resift/core';
import { afterEach, expect, it } from 'vitest';
import { clusteredEmbedder } from '../../fixtures/clustered-embedder.ts';
import { lateTable } from '../../fixtures/late-table.ts';
import type { LateDisk } from './late-disk.ts';
import { createLateLegs, type LateLegs } from './late-legs.ts';

const embedder = clusteredEmbedder();
const tokenizer = { count: (text: string) => text.length, truncate: (text: string) => text };
const open: LateLegs[] = [];
afterEach(async () => {
  for (const legs of open.splice(0)) await legs.close();
});

/** Legs over one table whose passages can be read only as often as `pass` is called, and what happened. */
function follower() {
  const table = lateTable(embedder);
  const happened: string[] = [];
  const gates: ((failure?: unknown) => void)[] = [];
  let gated = false;
  const disk: LateDisk = {
    size: 0,
    open: async () => new Set(),
    change: async () => {
      throw new Error('nobody writes here');
    },
    discard: async () => void happened.push('discarded'),
    find: async () => [],
    close: async () => {},
  };
  const legs = createLateLegs({
    embedder,
    tokenizer,
    indexFrom: 1_000,
    mostBytes: 2 ** 30,
    disk: () => disk,
    source: () => ({
      ...table.source,
      async *scan() {
        if (gated) {
          const failure = await new Promise((resolve) => gates.push(resolve));
          if (failure) throw failure;
        }
        happened.push('read');
        yield* table.source.scan();
      },
    }),
    onRenewed: () => happened.push('renewed'),
  });
  open.push(legs);
  return {
    ...table,
    legs,
    happened,
    gates,
    gate: () => {
      gated = true;
    },
    find: async () => (await legs.retrieve('c', 'w1', { topK: 10 })).map(({ document }) => document.documentId).sort(),
  };
}
const settle = () => new Promise((resolve) => setTimeout(resolve, 10));

it('renews what is open beside the searches, however often it is told, and says when it is done', async () => {
  const { legs, store, find, happened, gates, gate } = follower();
  await store('a', 'w1 w2');
  legs.renew('c'); // nobody asked for it yet
  expect(await find()).toEqual(['a']);
  gate();
  await store('b', 'w1 w3');
  for (let times = 0; times < 5; times++) legs.renew('c');
  await settle();
  expect(await find()).toEqual(['a']);
  expect(happened).toEqual(['read']);
  gates.shift()!();
  await settle();
  expect(await find()).toEqual(['a', 'b']);
  expect(happened).toEqual(['read', 'read', 'renewed']);
  gates.shift()!();
  await settle();
  expect(happened).toEqual(['read', 'read', 'renewed', 'read', 'renewed']);
  expect(gates).toEqual([]);
});

it('tells the next search why something could not be renewed, and removes the index of what is gone', async () => {
  const { legs, store, find, happened, gates, gate } = follower();
  await store('a', 'w1 w2');
  await find();
  gate();
  legs.renew('c');
  await settle();
  gates.shift()!(new ResiftError('invalid_config', 'Of another model.'));
  await settle();
  expect(happened).toEqual(['read', 'renewed']);
  const search = find();
  await settle();
  gates.shift()!(new ResiftError('invalid_config', 'Of another model.'));
  await expect(search).rejects.toMatchObject({ code: 'invalid_config' });

  const again = find();
  await settle();
  gates.shift()!();
  expect(await again).toEqual(['a']);
  legs.renew('c');
  await settle();
  gates.shift()!(new ResiftError('not_found', 'It is gone.'));
  await settle();
  expect(happened.slice(2)).toEqual(['read', 'discarded', 'renewed']);
});

it('answers a search over what is newer where what it waited for was renewed, or forgotten', async () => {
  const { legs, store, find, gates, gate } = follower();
  await store('a', 'w1 w2');
  gate();
  const searches = [find()];
  await settle();
  await store('b', 'w1 w3');
  legs.renew('c');
  await settle();
  expect(gates).toHaveLength(2);
  gates[1]!(); // the newer one is read before the older one
  await settle();
  gates[0]!();
  expect(await searches[0]).toEqual(['a', 'b']);

  await legs.forget('c');
  searches.push(find());
  await settle();
  const forgotten = legs.forget('c');
  gates[2]!();
  await forgotten;
  await settle();
  gates[3]!();
  expect(await searches[1]).toEqual(['a', 'b']);
});

it('is open no more when it was closed, even while something was renewed', async () => {
  const { legs, store, find, gates, gate } = follower();
  await store('a', 'w1 w2');
  await find();
  gate();
  legs.renew('c');
  await settle();
  const closed = legs.close();
  gates.shift()!();
  await closed;
  await expect(find()).rejects.toMatchObject({ code: 'unavailable' });
});
