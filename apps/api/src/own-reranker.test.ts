import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { openApp } from './open-app.ts';

const folder = new URL('../../../packages/models/fixtures/cross-encoders/xlm-roberta/', import.meta.url).pathname;

it("offers a cross-encoder of one's own by its name, beside the embedded ones", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'resift-own-'));
  const given = {
    RESIFT_DATA_DIR: dataDir,
    RESIFT_RERANKER_FOLDER: folder,
    RESIFT_RERANKER_NAME: 'acme/xlmr',
    RESIFT_DEMO: 'off',
    RESIFT_WORKERS: '1',
  };
  const app = await openApp(readConfig({ ...given, RESIFT_LOG_LEVEL: 'silent' }, {}));
  try {
    const post = (path: string, body: object) =>
      app.fetch(
        new Request(`http://resift.local${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      );
    const response = await post('/v2/rerank', { model: 'acme/xlmr', query: 'вода', documents: ['мост', 'вода', '水桥'] });
    expect(response.status).toBe(200);
    const { results } = (await response.json()) as { results: { index: number; relevance_score: number }[] };
    expect(results.map(({ index }) => index).sort()).toEqual([0, 1, 2]);
    expect((await post('/v2/rerank', { model: 'acme/other', query: 'a', documents: ['b'] })).status).toBe(404);
    const models = (await (await app.fetch(new Request('http://resift.local/v1/models'))).json()) as { data: { id: string }[] };
    expect(models.data.map(({ id }) => id)).toContain('acme/xlmr');
  } finally {
    await app.close();
    await rm(dataDir, { recursive: true });
  }
});

it.each([
  [{ RESIFT_RERANKER_NAME: 'mine' }, 'RESIFT_RERANKER_FOLDER'],
  [{ RESIFT_RERANKER_FOLDER: folder, RESIFT_RERANKER_NAME: 'resift-mini' }, 'begins with resift'],
])('refuses %j', (given, named) => {
  expect(() => readConfig(given, {})).toThrow(named);
});
