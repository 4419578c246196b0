import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { killAll, start } from './serve-process.ts';

// The server starts twice, with all its models.
vi.setConfig({ testTimeout: 240_000 });

/** `retriever: "late"` over HTTP against the real models and LanceDB: search and chat, replace, delete, filter, kill -9 and start again. */
const folder = mkdtempSync(join(tmpdir(), 'resift-e2e-late-'));
afterAll(() => {
  killAll();
  rmSync(folder, { recursive: true, force: true });
});

/** What is read of a reply. */
interface Reply {
  readonly error?: unknown;
  readonly abstained: boolean;
  readonly answer: string;
  readonly rerank: { readonly status: string };
  readonly retrieval: { readonly legs: object };
  readonly results: readonly {
    readonly document_id: string;
    readonly text: string;
    readonly scale: string;
    readonly first_stage: { readonly rank: number; readonly score: number };
  }[];
}

const documents = [
  { id: 'bridge', title: 'The bridge', text: 'The iron bridge over the river was opened in 1781.', metadata: { kind: 'history' } },
  { id: 'tide', text: 'High water follows the moon and comes twice a day.', metadata: { kind: 'nature' } },
  { id: 'bees', text: 'A bee dances to tell the others where the flowers are.', metadata: { kind: 'nature' } },
  ...Array.from({ length: 20 }, (_, i) => ({
    id: `filler${i}`,
    text: `In year ${1900 + i} the harvest of the village was ${i + 3} carts of hay.`,
    metadata: { kind: 'filler' },
  })),
];

it('finds by late interaction, in step with the documents, through a kill -9', async () => {
  const demoOff = { RESIFT_DEMO: 'off' };
  const first = await start(folder, demoOff);
  let { url } = first;
  const send = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return { status: response.status, json: (await response.json().catch(() => undefined)) as Reply };
  };
  const late = async (query: string, rest = {}) => {
    const { status, json } = await send('POST', '/v1/search', { query, retriever: 'late', top_k: 50, rerank: false, ...rest });
    expect([status, json.error]).toEqual([200, undefined]);
    expect(json.retrieval.legs).toEqual({ late: { status: 'ok', found: json.results.length, elapsedMs: expect.any(Number) } });
    return json.results;
  };
  const ids = async (query: string, rest = {}) => (await late(query, rest)).map(({ document_id }) => document_id);

  expect((await send('POST', '/v1/documents', { documents })).status).toBe(200);
  const all = await late('when was the bridge opened?');
  expect(all).toHaveLength(documents.length);
  expect(all[0]).toMatchObject({ document_id: 'bridge', scale: 'first_stage', first_stage: { rank: 1 } });
  const scores = all.map(({ first_stage }) => first_stage.score);
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  expect(await ids('when was the bridge opened?', { filter: { kind: 'nature' } })).toHaveLength(2);

  const reranked = await send('POST', '/v1/search', { query: 'when was the bridge opened?', retriever: 'late' });
  expect(reranked.json.rerank.status).toBe('applied');
  expect(reranked.json.results[0]).toMatchObject({ document_id: 'bridge', scale: 'probability' });
  const chat = await send('POST', '/v1/chat', {
    messages: [{ role: 'user', content: 'When was the iron bridge opened?' }],
    retriever: 'late',
    generator: 'extractive',
  });
  expect(chat.json).toMatchObject({ abstained: false, retrieval: { legs: { late: { status: 'ok' } } } });
  expect(chat.json.answer).toContain('1781');

  await send('POST', '/v1/documents', {
    documents: [{ id: 'tide', text: 'Copper turns green in the rain.', metadata: { kind: 'metal' } }],
  });
  expect((await late('why is copper green?'))[0]).toMatchObject({ document_id: 'tide', text: 'Copper turns green in the rain.' });
  await send('DELETE', '/v1/documents/bees');
  expect(await ids('where are the flowers?')).not.toContain('bees');

  const before = await late('how much hay was there in 1907?');
  first.child.kill('SIGKILL');
  await first.exit;
  ({ url } = await start(folder, demoOff));
  const after = await late('how much hay was there in 1907?');
  expect(after.map(({ document_id, first_stage }) => [document_id, first_stage.score])).toEqual(
    before.map(({ document_id, first_stage }) => [document_id, first_stage.score]),
  );
  expect(await ids('where are the flowers?', { filter: { kind: ['nature', 'metal'] } })).toEqual(['tide']);
});
