import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createApp } from '@resift/api/app';
import { readConfig } from '@resift/api/config';
import { fakeServices } from '@resift/api/testing/fake-services';
import { openLanceStore } from '@resift/retrieval/stores/lancedb';
import type { Store } from '@resift/retrieval/stores/store';
import { expect, it } from 'vitest';
import { hashingEmbedder, wordTokenizer } from '../contracts/hashing-embedder.ts';

// F35 of reliability.md: documents go and change while others search and ask.
const text = (id: number, version: number) => `Aspen number${id} is a ski town of version${version}.`;

/** Reads all the time; gives back every answer that broke a promise. */
async function broken(wrap: (store: Store) => Store = (store) => store): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'resift-f35-'));
  const store = await openLanceStore({ directory, embedder: hashingEmbedder(), tokenizer: wordTokenizer });
  const served = wrap(store);
  const app = createApp(fakeServices({ store: async () => served }), readConfig({}, {}));
  const call = async (method: string, path: string, body?: unknown) => {
    const init = { method, headers: { 'content-type': 'application/json' }, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const response = await app.fetch(new Request(`http://localhost${path}`, init));
    return { status: response.status, text: await response.text() };
  };
  const found: string[] = [];
  /** By id, what may be seen from the moment that it was acknowledged. */
  const gone = new Set<number>();
  const newest = new Map<number, number>();
  let writing = true;

  async function read(path: string, body: unknown) {
    while (writing) {
      // Only what was acknowledged before the question was asked is promised.
      const [goneBefore, newestBefore] = [new Set(gone), new Map(newest)];
      const { status, text } = await call('POST', path, body);
      // Without a socket, an answer from memory would leave the writers no turn.
      await setImmediate();
      if (status >= 500) found.push(`${path}: ${status} ${text.slice(0, 200)}`);
      for (const id of goneBefore) if (text.includes(`number${id} `)) found.push(`${path}: deleted number${id}`);
      for (const [id, version] of newestBefore) {
        const seen = new RegExp(`number${id} is a ski town of version(\\d+)`).exec(text);
        if (seen && Number(seen[1]) < version) found.push(`${path}: old version of number${id}`);
      }
    }
  }

  try {
    await call('POST', '/v1/documents', { documents: Array.from({ length: 20 }, (_, i) => ({ id: `d${i}`, text: text(i, 0) })) });
    const readers = [
      read('/v1/search', { query: 'ski town Aspen', top_k: 50 }),
      read('/v1/search', { query: 'ski town Aspen', top_k: 50, retriever: 'dense' }),
      read('/v1/chat', { messages: [{ role: 'user', content: 'Which ski town is Aspen?' }], top_n: 20 }),
    ];
    for (let i = 0; i < 10; i++) {
      await call('DELETE', `/v1/documents/d${i}`);
      gone.add(i);
      await call('POST', '/v1/documents', { documents: [{ id: `d${19 - i}`, text: text(19 - i, i + 1) }] });
      newest.set(19 - i, i + 1);
    }
    writing = false;
    await Promise.all(readers);
  } finally {
    writing = false;
    await app.close();
    await store.close();
    await rm(directory, { recursive: true, force: true });
  }
  return [...new Set(found)];
}

it('F35: shows nothing deleted, nothing outdated, and never fails', async () => {
  expect(await broken()).toEqual([]);
});

it('F35 has teeth: a store that acknowledges before it deletes is found out', async () => {
  const late = (store: Store): Store => ({
    ...store,
    delete: async (...given) => {
      setTimeout(() => void store.delete(...given).catch(() => {}), 300);
      return true;
    },
  });
  expect((await broken(late)).some((one) => one.includes('deleted'))).toBe(true);
});
