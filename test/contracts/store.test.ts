import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLanceStore } from '@resift/retrieval/stores/lancedb';
import { openMemoryStore } from '@resift/retrieval/stores/memory';
import { afterAll } from 'vitest';
import { storeLaws } from './store.ts';
import { encodingLaws } from './store-encodings.ts';
import { lateLaws } from './store-late.ts';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

const folder = async () => {
  folders.push(await mkdtemp(join(tmpdir(), 'resift-store-')));
  return folders.at(-1)!;
};

storeLaws('the memory store', async (setup) => openMemoryStore(setup));
storeLaws('the LanceDB store', async (setup) => openLanceStore({ ...setup, directory: await folder() }));
encodingLaws('the memory store', async (setup) => openMemoryStore(setup));
encodingLaws('the LanceDB store', async (setup) => openLanceStore({ ...setup, directory: await folder() }));
encodingLaws('the LanceDB store without its memory', async (setup) =>
  openLanceStore({ ...setup, directory: await folder(), encodingBytes: 0 }),
);

lateLaws('the memory store', async (setup) => openMemoryStore(setup));
for (const [what, indexTokensFrom] of [
  ['that compares all', undefined],
  ['with an index', 48],
] as const) {
  let last: { setup: Parameters<typeof openLanceStore>[0] };
  const open = (setup: Parameters<typeof openLanceStore>[0]) => {
    last = { setup };
    return openLanceStore(setup);
  };
  lateLaws(
    `the LanceDB store ${what}`,
    async (setup) => open({ ...setup, indexTokensFrom, directory: await folder() }),
    async (store) => {
      await store.close();
      return open(last.setup);
    },
  );
}
