import { cp, mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isResiftError } from '@resift/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusteredEmbedder, clusteredTexts } from '../../fixtures/clustered-embedder.ts';
import { buildOn, buildPlaid } from './build-plaid.ts';
import { type DiskStep, openDisk } from './disk.ts';
import { openOn, openPlaid } from './open-plaid.ts';
import type { PlaidIndex } from './plaid-index.ts';

const embedder = clusteredEmbedder({ dimensions: 16 });
const documents = clusteredTexts(34, 21).map((text, i) => ({ id: `d${i}`, text }));
const queries = clusteredTexts(3, 22);
const ask = (index: PlaidIndex) => Promise.all(queries.map((query) => index.retrieve(query, { topK: 100 })));

let root: string;
let sound: string;
let count = 0;
const fresh = () => join(root, `index${count++}`);
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'resift-plaid-'));
  sound = fresh();
  await buildPlaid({ directory: sound, embedder, documents: documents.slice(0, 20) });
  await using index = await openPlaid(sound, { embedder });
  await index.add(documents.slice(20, 30));
  await index.remove(['d1', 'd22']);
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** What a reader gets: everything it may ask for, checked; or the error that it meets. */
async function readAll(directory: string, verify: boolean) {
  try {
    await using index = await openPlaid(directory, { embedder });
    const found = await ask(index);
    if (verify) await index.verify();
    return { found };
  } catch (error) {
    return { error };
  }
}

describe('a damaged file is named, and never gives a wrong answer', () => {
  it.each(['flipped', 'cut', 'longer', 'missing'])('%s', async (damage) => {
    const before = await readAll(sound, true);
    expect(before.found).toHaveLength(3);
    const names = (await readdir(sound)).filter((name) => name !== 'resift.lock');
    expect(names).toHaveLength(1 + 1 + 6 + 6 + 2);
    for (const name of names) {
      const { length } = await readFile(join(sound, name));
      const places = damage === 'flipped' ? [0, length >> 1, length - 1] : [length >> 1];
      for (const place of new Set(places)) {
        const directory = fresh();
        await cp(sound, directory, { recursive: true });
        const path = join(directory, name);
        if (damage === 'missing') await rm(path);
        else if (damage === 'cut') await truncate(path, place);
        else if (damage === 'longer') await writeFile(path, 'x', { flag: 'a' });
        else await flip(path, place);

        const careless = await readAll(directory, false);
        if (careless.found) expect(careless.found).toEqual(before.found);
        const { error } = await readAll(directory, true);
        if (name === 'manifest.json' && damage === 'missing') expect(error).toMatchObject({ code: 'not_found' });
        else expect(error).toMatchObject({ code: 'corrupt', details: { file: path }, message: expect.stringContaining(name) });
        await rm(directory, { recursive: true });
      }
    }
  });
});

type Work = (directory: string, onStep: (step: DiskStep, name: string) => void) => Promise<void>;

const changing =
  (work: (index: PlaidIndex) => Promise<unknown>): Work =>
  async (directory, onStep) => {
    await using index = await openOn(openDisk(directory, onStep), { embedder });
    await work(index);
  };
const works: Record<string, Work> = {
  add: changing((index) => index.add(documents.slice(28, 34))),
  remove: changing((index) => index.remove(['d5', 'd25', 'd26'])),
  merge: changing((index) => index.merge()),
  retrain: changing((index) => index.retrain()),
  build: async (directory, onStep) => {
    await buildOn(openDisk(directory, onStep), { directory, embedder, documents: documents.slice(26) });
  },
};

describe('a crash at any step leaves the old or the new index', () => {
  it.each(Object.keys(works))(
    '%s',
    async (name) => {
      const work = works[name]!;
      const old = (await readAll(sound, true)).found;
      const done = fresh();
      await cp(sound, done, { recursive: true });
      const steps: string[] = [];
      await work(done, (step, file) => steps.push(`${step} ${file}`));
      const renewed = (await readAll(done, true)).found;
      expect(steps.length).toBeGreaterThan(6);

      const commit = steps.indexOf('rename manifest.json');
      expect(commit).toBeGreaterThan(0);
      for (const at of steps.keys()) {
        const directory = fresh();
        await cp(sound, directory, { recursive: true });
        await crashAt(work, directory, at);
        const after = await readAll(directory, true);
        expect(after.error, steps[at]).toBeUndefined();
        expect(after.found, steps[at]).toEqual(at <= commit ? old : renewed);

        // What was left is removed, and the next change works.
        if (at % 5 > 0) continue;
        await using index = await openPlaid(directory, { embedder });
        await index.add([{ id: 'next', text: 'w1 w2 w3' }]);
        expect((await index.retrieve('w1 w2 w3', { topK: 1 }))[0]!.document.id).toBe('next');
        await index.verify();
      }
    },
    120_000,
  );
});

/** Ends the work before its step number `at`; of what was not flushed by then half is lost, as when the power goes. */
async function crashAt(work: Work, directory: string, at: number): Promise<void> {
  const unflushed = new Set<string>();
  let step = 0;
  const crash = new Error('power lost');
  const ended = work(directory, (what, name) => {
    if (step++ >= at) throw crash;
    if (what === 'create' || what === 'write') unflushed.add(name);
    if (what === 'sync') unflushed.delete(name);
  });
  // Leftovers that cannot be removed fail no change.
  await ended.catch((error: unknown) => {
    if (error !== crash && !isResiftError(error)) throw error;
  });
  for (const name of unflushed) {
    const path = join(directory, name);
    const text = await readFile(path).catch(() => undefined);
    if (text) await truncate(path, text.length >> 1);
  }
}

async function flip(path: string, place: number): Promise<void> {
  const file = await open(path, 'r+');
  const byte = new Uint8Array(1);
  await file.read(byte, 0, 1, place);
  byte[0]! ^= 0x10;
  await file.write(byte, 0, 1, place);
  await file.close();
}
