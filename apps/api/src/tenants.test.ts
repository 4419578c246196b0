import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { type Client, FILMS, testClient } from './testing/client.ts';

const config = readConfig({}, { RESIFT_API_KEYS: 'acme:key-of-acme,beta:key-of-beta', RESIFT_REQUESTS_PER_MINUTE: '1000000' });
const acme = { authorization: 'Bearer key-of-acme' };
const beta = { authorization: 'Bearer key-of-beta' };
const CANARY = 'CANARY7391';

/** Beta holds near-duplicates of what acme asks for, in collections and under ids of the same names. */
async function both(): Promise<Client> {
  const client = testClient({ config });
  await client.post('/v1/documents', { documents: FILMS }, acme);
  await addBeta(client);
  return client;
}

async function addBeta({ post }: Client): Promise<void> {
  const documents = Array.from({ length: 30 }, (_, i) => ({
    id: i === 0 ? 'dumb' : `beta-${i}`,
    text: `Where does Jim Carrey travel with his friend? To ${CANARY}. Aspen, Aspen, mask.`,
    title: CANARY,
  }));
  await post('/v1/documents', { documents }, beta);
  await post('/v1/documents', { collection: 'of-beta', documents: [{ text: CANARY }] }, beta);
}

const QUESTIONS = ['Where does Jim Carrey travel?', 'Aspen', 'green mask', 'beta-1 travel'];

it('T1: answers one tenant the same with and without the other', async () => {
  const alone = testClient({ config });
  await alone.post('/v1/documents', { documents: FILMS }, acme);
  const shared = await both();
  for (const query of QUESTIONS) {
    for (const retriever of ['hybrid', 'bm25', 'dense']) {
      const [a, b] = await Promise.all([alone, shared].map(({ post }) => post('/v1/search', { query, retriever }, acme)));
      expect(a!.json.results).toEqual(b!.json.results);
    }
  }
});

it('T2: shows nothing of another tenant on any route, whatever is asked', async () => {
  const { app, send } = await both();
  const routes = app.router.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => ({ method, path }));
  const id = fc.constantFrom('dumb', 'beta-1', 'beta-1#0', 'of-beta', 'default', '../beta', '..%2Fbeta', 'beta%2Fdumb', '%00', 'job-1');
  const body = fc.record(
    {
      query: fc.constantFrom(...QUESTIONS),
      collection: fc.constantFrom('default', 'of-beta', '../beta', 'beta'),
      messages: fc.constant([{ role: 'user', content: QUESTIONS[0] }]),
      filter: fc.constantFrom({}, { tenant: 'beta' }, { title: 'beta' }),
      model: fc.constantFrom('resift', 'resift-mini'),
      documents: fc.constantFrom(['a'], [{ text: 'of acme' }]),
      retriever: fc.constantFrom('hybrid', 'bm25', 'dense'),
      stream: fc.boolean(),
      name: id,
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...routes),
      id,
      body,
      fc.constantFrom('', '?collection=of-beta', '?collection=default', '?cursor=beta-1'),
      async (route, value, fields, query) => {
        const path = route.path.replace(/:\w+/g, encodeURIComponent(value));
        const { text, headers, status } = await send(
          route.method,
          `${path}${query}`,
          route.method === 'POST' ? { ...fields } : undefined,
          acme,
        );
        expect(text).not.toContain(CANARY);
        expect(JSON.stringify([...headers])).not.toContain(CANARY);
        expect(status).toBeLessThan(500);
      },
    ),
    { numRuns: 1_000 },
  );
});

it('T4: a chat of another tenant is unknown, and nothing is stored under its id', async () => {
  const { post, get } = await both();
  const ask = { messages: [{ role: 'user', content: QUESTIONS[0] }] };
  const foreign = (await post('/v1/chat', ask, { ...beta, 'x-request-id': 'same' })).json;
  const own = (await post('/v1/chat', ask, { ...acme, 'x-request-id': 'same' })).json;
  const tell = (request: string, result: string, headers: Record<string, string>) =>
    post('/v1/feedback', { request, result, kind: 'up' }, headers);

  const refused = await tell(foreign.id, foreign.sources[0].id, acme);
  const absent = await tell('chat-never-was', foreign.sources[0].id, acme);
  expect([refused.status, refused.json.error.message]).toEqual([404, absent.json.error.message]);
  // The same id in both: each tenant's own request is meant, with its own results alone.
  expect((await tell('same', own.sources[0].id, acme)).status).toBe(200);
  const onlyOfBeta = foreign.sources.find(({ id }: { id: string }) => !own.sources.some((one: { id: string }) => one.id === id));
  expect((await tell('same', onlyOfBeta.id, acme)).status).toBe(404);
  expect((await get('/v1/lift', beta)).json.feedback).toEqual({ click: 0, up: 0, down: 0, grade: 0 });
  expect((await get('/v1/lift', acme)).json.feedback.up).toBe(1);
});

it('T8: keeps interleaved requests apart, aborts and errors among them', async () => {
  const client = await both();
  const ask = (headers: Record<string, string>, abort: boolean) => {
    const controller = new AbortController();
    const request = new Request('http://localhost/v1/chat', {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ role: 'user', content: QUESTIONS[0] }], stream: abort }),
      signal: controller.signal,
    });
    const answer = client.app.fetch(request).then((response) => response.text());
    if (abort) setTimeout(() => controller.abort(), 1);
    return answer.catch(() => '');
  };
  const texts = await Promise.all(Array.from({ length: 200 }, (_, i) => ask(i % 2 === 0 ? acme : beta, i % 5 === 0)));
  expect(texts.filter((text, i) => i % 2 === 0 && text.includes(CANARY))).toEqual([]);
  expect(texts.some((text, i) => i % 2 === 1 && text.includes(CANARY))).toBe(true);
  await client.app.lifecycle.idle();
});
