import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLanceStore } from '@resift/retrieval/stores/lancedb';
import { openMemoryStore } from '@resift/retrieval/stores/memory';
import { afterAll } from 'vitest';
import { storeLaws } from './store.ts';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

storeLaws('the memory store', async (setup) => openMemoryStore(setup));
storeLaws('the LanceDB store', async (setup) => {
  const directory = await mkdtemp(join(tmpdir(), 'resift-store-'));
  folders.push(directory);
  return openLanceStore({ ...setup, directory });
});
