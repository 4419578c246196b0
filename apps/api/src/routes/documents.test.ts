import { expect, it } from 'vitest';
import { FILMS, testClient } from '../testing/client.ts';

it('takes documents in, gives them back whole, lists and deletes them', async () => {
  const { post, get, send } = testClient();
  const added = await post('/v1/documents', { documents: FILMS });
  expect(added.status).toBe(200);
  expect(added.json).toEqual({ collection: 'default', documents: FILMS.map(({ id }) => ({ id, chunks: 1, replaced: false })) });

  const one = await get('/v1/documents/dumb');
  expect(one.json).toMatchObject({ id: 'dumb', text: FILMS[0]!.text, title: 'Dumb and Dumber', metadata: { year: 1994 }, chunks: 1 });
  expect(one.json.created_at).toBeTypeOf('number');

  const first = await get('/v1/documents?limit=2');
  expect(first.json.documents.map(({ id }: { id: string }) => id)).toEqual(['aspen', 'dumb']);
  expect(first.json.documents[0]).not.toHaveProperty('text');
  const second = await get(`/v1/documents?limit=2&cursor=${encodeURIComponent(first.json.next)}`);
  expect(second.json.documents.map(({ id }: { id: string }) => id)).toEqual(['mask']);
  expect(second.json).not.toHaveProperty('next');

  expect((await send('DELETE', '/v1/documents/dumb')).json).toEqual({ id: 'dumb', deleted: true });
  expect((await get('/v1/documents/dumb')).status).toBe(404);
  expect((await send('DELETE', '/v1/documents/dumb')).json.error).toMatchObject({ code: 'not_found', field: 'id' });
});

it('replaces a document of the same id, and makes the same id for the same content', async () => {
  const { post } = testClient();
  await post('/v1/documents', { documents: [{ id: 'a', text: 'one' }] });
  expect((await post('/v1/documents', { documents: [{ id: 'a', text: 'two' }] })).json.documents[0].replaced).toBe(true);
  const once = await post('/v1/documents', { documents: [{ text: 'same' }, { text: 'same' }] });
  const again = await post('/v1/documents', { documents: [{ text: 'same' }] });
  expect(again.json.documents[0]).toMatchObject({ id: once.json.documents[0].id, replaced: true });
  expect(once.json.documents[1].id).not.toBe(once.json.documents[0].id);
});

it.each(['a/b', '../x', 'ä ö?#%', '100%', '{"x":1}', "'; DROP TABLE documents; --", '日本', 'x'.repeat(512)])(
  'addresses the id %j',
  async (id) => {
    const { post, get, send } = testClient();
    expect((await post('/v1/documents', { documents: [{ id, text: 'a text' }] })).status).toBe(200);
    expect((await get(`/v1/documents/${encodeURIComponent(id)}`)).json).toMatchObject({ id, text: 'a text' });
    expect((await send('DELETE', `/v1/documents/${encodeURIComponent(id)}`)).status).toBe(200);
  },
);

it('reads NDJSON and names the line of a mistake', async () => {
  const { send } = testClient();
  const type = { 'content-type': 'application/x-ndjson' };
  const lines = (...documents: unknown[]) => `${documents.map((document) => JSON.stringify(document)).join('\n')}\n\n`;
  const good = await send('POST', '/v1/documents?collection=films', lines(...FILMS), type);
  expect(good.json).toMatchObject({ collection: 'films', documents: [{ id: 'dumb' }, { id: 'mask' }, { id: 'aspen' }] });
  expect((await send('POST', '/v1/documents', `${JSON.stringify(FILMS[0])}\n{"text": 3}`, type)).json.error).toMatchObject({
    code: 'invalid_input',
    field: 'line 2.text',
  });
  expect((await send('POST', '/v1/documents', '{"text": "a"}\n{nonsense', type)).json.error.message).toContain('line 2');
  expect((await send('POST', '/v1/documents', '\n\n', type)).status).toBe(400);
});

it('takes a job on, and shows it to its tenant', async () => {
  const { post, get } = testClient();
  const taken = await post('/v1/documents?wait=false', { documents: FILMS });
  expect(taken.status).toBe(202);
  expect(taken.headers.get('location')).toBe(`/v1/jobs/${taken.json.job}`);
  const finished = await untilIs(
    async () => (await get(`/v1/jobs/${taken.json.job}`)).json,
    (job) => job.status === 'done',
  );
  expect(finished).toMatchObject({
    documents_total: 3,
    documents_done: 3,
    result: { collection: 'default', documents: [{ id: 'dumb', chunks: 1 }, {}, {}] },
  });
  expect((await get('/v1/jobs/job-other')).status).toBe(404);
});

it('says what failed in a job', async () => {
  const { post, get } = testClient();
  const { json } = await post('/v1/documents?wait=false', { documents: [{ text: '\u0000' }, { text: 'good' }] });
  const job = await untilIs(
    async () => (await get(`/v1/jobs/${json.job}`)).json,
    ({ status }) => status === 'failed',
  );
  expect(job.error.code).toBe('unusable_content');
});

it.each([
  [{ documents: [] }, 400, 'documents'],
  [{}, 400, 'documents'],
  [{ documents: [{ text: 1 }] }, 400, 'documents[0].text'],
  [{ documents: [{ id: 'a' }] }, 400, 'documents[0].text'],
  [{ documents: [{ text: 'a', extra: 1 }] }, 400, 'documents[0].extra'],
  [{ documents: [{ text: 'a' }], extra: 1 }, 400, 'extra'],
  [{ documents: [{ id: '', text: 'a' }] }, 400, 'documents[0].id'],
  [{ documents: [{ id: 'x'.repeat(513), text: 'a' }] }, 400, 'documents[0].id'],
  [{ documents: [{ id: 'ä'.repeat(257), text: 'a' }] }, 400, 'documents[0].id'],
  [
    {
      documents: [
        { id: 'a', text: 'a' },
        { id: 'a', text: 'b' },
      ],
    },
    400,
    'documents[1].id',
  ],
  [{ documents: [{ id: 'a\u0000', text: 'a' }] }, 422, 'documents[0].id'],
  [{ documents: [{ id: '\ud800', text: 'a' }] }, 422, 'documents[0].id'],
  [{ documents: [{ text: '' }] }, 422, 'documents[0].text'],
  [{ documents: [{ text: 'a' }, { text: ' \n ' }] }, 422, 'documents[1].text'],
  [{ documents: [{ text: 'a', metadata: [] }] }, 400, 'documents[0].metadata'],
  [{ documents: [{ text: 'a', metadata: { a: { b: { c: { d: { e: 1 } } } } } }] }, 400, 'documents[0].metadata'],
  [{ documents: [{ text: 'a', metadata: { a: 'x'.repeat(9_000) } }] }, 400, 'documents[0].metadata'],
  [{ documents: [{ text: 'a' }], collection: '../b' }, 400, 'collection'],
  [{ documents: [{ text: 'a' }], collection: 'ｄefault' }, 400, 'collection'],
  [{ documents: Array.from({ length: 1_001 }, (_, i) => ({ id: `${i}`, text: 'a' })) }, 413, 'documents'],
])('refuses %.80j with %i at %s', async (body, status, field) => {
  const { post, get } = testClient();
  const reply = await post('/v1/documents', body);
  expect(reply.status).toBe(status);
  expect(reply.json.error.field).toBe(field);
  expect(reply.json.error.message.length).toBeGreaterThan(10);
  expect((await get('/v1/collections')).json.collections).toEqual([]);
});

it('removes and reports what no text should hold', async () => {
  const { post, get } = testClient();
  const { json } = await post('/v1/documents', { documents: [{ id: 'a', text: 'good\u0000 \ud800text' }] });
  expect(json.documents[0].sanitized).toEqual({ nul: 1, lone_surrogate: 1 });
  expect((await get('/v1/documents/a')).json.text).toBe('good text');
});

it('asks for a content type it can read', async () => {
  const { send } = testClient();
  for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
    expect((await send('POST', '/v1/documents', '{}', { 'content-type': type })).status).toBe(415);
    expect((await send('POST', '/v1/search', '{}', { 'content-type': type })).status).toBe(415);
  }
});

it('keeps collections', async () => {
  const { post, get, send } = testClient();
  expect((await post('/v1/collections', { name: 'a' })).status).toBe(201);
  expect((await send('POST', '/v1/collections/b')).status).toBe(201);
  expect((await send('POST', '/v1/collections/b')).status).toBe(409);
  expect((await get('/v1/collections')).json).toEqual({
    collections: [
      { name: 'a', documents: 0, chunks: 0 },
      { name: 'b', documents: 0, chunks: 0 },
    ],
  });
  expect((await get('/v1/collections/a')).json).toEqual({ name: 'a', documents: 0, chunks: 0 });
  expect((await send('DELETE', '/v1/collections/a')).json).toEqual({ name: 'a', deleted: true });
  for (const method of ['GET', 'DELETE']) expect((await send(method, '/v1/collections/a')).status).toBe(404);
  expect((await get('/v1/collections/..%2Fb')).status).toBe(400);
  expect((await get('/v1/documents?collection=nowhere')).json.error.code).toBe('not_found');
});

// biome-ignore lint/suspicious/noExplicitAny: any JSON
async function untilIs(ask: () => Promise<any>, wanted: (value: any) => boolean): Promise<any> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const value = await ask();
    if (wanted(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('It never came to that.');
}
