import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tokenizer } from '@resift/core';
import type { Store } from '@resift/retrieval/stores/store';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStore, schemaOf } from './open-store.ts';

const tokenizer: Tokenizer = { count: (text) => text.split(' ').length, truncate: (text) => text };
const embedder = {
  id: 'ones',
  dimensions: 2,
  embed: async (texts: readonly string[]) => ({ vectors: texts.map(() => Float32Array.of(1, 0)), usage: {} }),
};
let dataDir: string;
const stores: Store[] = [];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'resift-t5-'));
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  await rm(dataDir, { recursive: true, force: true });
});
async function open(tenant: string): Promise<Store> {
  const store = await openStore({ dataDir }, tenant, { embedder, tokenizer });
  stores.push(store);
  return store;
}

// T5 of reliability.md: no name, and no link on the disk, leads out of a tenant's folder.
it.each(['../b', '..', '/etc', '%2e%2e%2fb', '..%2fb', 'nul\0', 'b/../../b', '‥/b', 'ａ', '．．', 'C:\\b', '\\\\host\\b'])(
  'T5: refuses the collection %j and makes nothing outside',
  async (name) => {
    const a = await open('a');
    await (await open('b')).put('docs', [{ id: 'secret', text: 'of b' }]);
    const before = await readdir(dataDir, { recursive: true });
    await expect(a.put(name, [{ text: 'x' }])).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(a.get(name, 'secret')).rejects.toMatchObject({ code: 'invalid_input' });
    expect((await readdir(dataDir, { recursive: true })).sort()).toEqual(before.sort());
  },
);

it("T5: does not open a tenant's folder that is a link to another's, nor one with such a table in it", async () => {
  await (await open('b')).put('docs', [{ id: 'secret', text: 'of b' }]);
  await symlink(join(dataDir, 'b'), join(dataDir, 'a'));
  await expect(open('a')).rejects.toMatchObject({ code: 'invalid_config', message: expect.stringContaining('is a link') });
  await rm(join(dataDir, 'a'));
  await mkdir(join(dataDir, 'a'));
  await symlink(join(dataDir, 'b', 'docs.lance'), join(dataDir, 'a', 'docs.lance'));
  await expect(open('a')).rejects.toMatchObject({ code: 'invalid_config', message: expect.stringContaining('docs.lance') });
  await rm(join(dataDir, 'a', 'docs.lance'));
  expect(await (await open('a')).collections()).toEqual([]);
});

it('T5: gives every tenant a schema of its own, however long its name', () => {
  const long = 'x'.repeat(62);
  const names = ['a', 'a_b', `${long}a`, `${long}b`].map(schemaOf);
  expect(new Set(names).size).toBe(4);
  expect(names.every((name) => name.length <= 63)).toBe(true);
});
