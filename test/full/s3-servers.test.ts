import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { killAll, start } from '../e2e/serve-process.ts';
import { startS3 } from '../s3/s3-server.ts';

/** A writer and a reader of one bucket as real servers with real models; they share a data folder, as two on one machine do. */
const folder = mkdtempSync(join(tmpdir(), 'resift-s3-servers-'));
const bucket = startS3();
afterAll(async () => {
  killAll();
  await (await bucket).stop();
  rmSync(folder, { recursive: true, force: true });
});

/** From 4,000 on there is an index, which the reader gets through the bucket. */
const MANY = 4_200;

it('a reader finds over HTTP, by late interaction too, what the writer was sent', async () => {
  const { url, endpoint = '', accessKeyId, secretAccessKey } = await (await bucket).bucket('servers');
  const env = {
    RESIFT_STORE_URL: url,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    RESIFT_DEMO: 'off',
  };
  const writer = await start(folder, env);
  const reader = await start(folder, { ...env, RESIFT_STORE_ROLE: 'reader' });
  async function send(to: typeof writer, path: string, body: unknown) {
    const response = await fetch(`${to.url}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
    return { status: response.status, json: (await response.json()) as { results: { document_id: string; text: string }[] } };
  }
  async function late(to: typeof writer, query: string) {
    const { status, json } = await send(to, '/v1/search', { query, retriever: 'late', top_k: 10, rerank: false });
    return status === 200 ? json.results.map(({ document_id, text }) => [document_id, text]) : status;
  }
  const agree = (query: string, id: string) =>
    vi.waitUntil(
      async () => {
        const found = await late(writer, query);
        return JSON.stringify(found).startsWith(`[["${id}"`) && JSON.stringify(await late(reader, query)) === JSON.stringify(found);
      },
      { timeout: 120_000, interval: 200 },
    );

  const fillers = Array.from({ length: MANY }, (_, i) => ({
    id: `filler${i}`,
    text: `In year ${i} the village brought in ${i + 3} carts of hay.`,
  }));
  for (let at = 0; at < MANY; at += 200) {
    expect((await send(writer, '/v1/documents', { documents: fillers.slice(at, at + 200) })).status).toBe(200);
  }
  await send(writer, '/v1/documents', { documents: [{ id: 'bridge', text: 'The iron bridge over the river was opened in 1781.' }] });
  await agree('when was the bridge opened?', 'bridge');
  await send(writer, '/v1/documents', { documents: [{ id: 'copper', text: 'Copper turns green in the rain.' }] });
  await agree('why is copper green?', 'copper');
  const indexes = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('manifest.json'));
  expect(indexes.map((path) => path.includes('reader-0')).sort()).toEqual([false, true]);
  expect((await send(reader, '/v1/documents', { documents: [{ text: 'Not here.' }] })).status).toBe(409);
});
