import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';

// The server starts twice, with all its models.
vi.setConfig({ testTimeout: 240_000 });

/** `retriever: "late"` over HTTP against the real models and LanceDB: search and chat, replace, delete, filter, kill -9 and start again. */
const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'resift-e2e-late-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, ['--conditions=@resift/source', '--import', 'tsx', join(root, 'apps/cli/src/main.ts'), 'serve'], {
    cwd: root,
    env: { ...process.env, PORT: '0', RESIFT_DATA_DIR: folder, RESIFT_LOG_LEVEL: 'warn', RESIFT_DEMO: 'off' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let said = '';
  for await (const text of child.stdout!.setEncoding('utf8')) {
    said += text;
    const url = /listens on (\S+)[\s\S]*\/docs/.exec(said)?.[1];
    if (url) return { child, url };
  }
  throw new Error(`It ended with ${child.exitCode}.`);
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
  const first = await start();
  let { url } = first;
  const send = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: a test looks into any shape
    return { status: response.status, json: (await response.json().catch(() => undefined)) as any };
  };
  const late = async (query: string, rest = {}) => {
    const { status, json } = await send('POST', '/v1/search', { query, retriever: 'late', top_k: 50, rerank: false, ...rest });
    expect([status, json.error]).toEqual([200, undefined]);
    expect(json.retrieval.legs).toEqual({ late: { status: 'ok', found: json.results.length, elapsedMs: expect.any(Number) } });
    return json.results as { document_id: string; text: string; scale: string; first_stage: { rank: number; score: number } }[];
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
  await once(first.child, 'exit');
  ({ url } = await start());
  const after = await late('how much hay was there in 1907?');
  expect(after.map(({ document_id, first_stage }) => [document_id, first_stage.score])).toEqual(
    before.map(({ document_id, first_stage }) => [document_id, first_stage.score]),
  );
  expect(await ids('where are the flowers?', { filter: { kind: ['nature', 'metal'] } })).toEqual(['tide']);
});
