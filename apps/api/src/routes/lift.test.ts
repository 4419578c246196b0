import { expect, it } from 'vitest';
import { createLiftLog, ordersOf } from '../lift-log.ts';
import { FILMS, testClient } from '../testing/client.ts';

it('counts what was reranked, and believes judgements', async () => {
  const { post, get } = testClient();
  await post('/v1/documents', { documents: FILMS });
  expect((await get('/v1/lift')).json).toMatchObject({ verdict: 'unclear', queries: 0, feedback: { up: 0 } });

  const search = await post('/v1/search', { query: 'trip to Aspen with his friend Jim Carrey' });
  const request = search.headers.get('x-request-id');
  const result = search.json.results[0].id;
  expect((await post('/v1/feedback', { request, result, kind: 'up' })).json).toEqual({ accepted: true });
  expect((await post('/v1/feedback', { request, result, kind: 'click' })).status).toBe(200);
  const { json } = await get('/v1/lift');
  expect(json).toMatchObject({
    queries: 1,
    measure: 'ndcg@10',
    lifts: { 'ndcg@10': { count: 1 }, clicks: { count: 0 } },
    feedback: { up: 1, click: 1 },
  });
  expect(json.after.mrr).toBe(1);

  const chat = await post('/v1/chat', { messages: [{ role: 'user', content: 'Who travels to Aspen?' }] });
  const grade = { request: chat.json.id, result: chat.json.sources[0].id, kind: 'grade', value: 3 };
  expect((await post('/v1/feedback', grade)).status).toBe(200);
  expect((await get('/v1/lift')).json).toMatchObject({ queries: 2, lifts: { mrr: { count: 2 } } });
});

it('does not count what was not reranked', async () => {
  const { post, get } = testClient();
  await post('/v1/documents', { documents: FILMS });
  await post('/v1/search', { query: 'aspen', rerank: false });
  expect((await get('/v1/lift')).json.queries).toBe(0);
});

it.each([
  [{ request: 'nothing', result: 'a', kind: 'up' }, 404, 'request'],
  [{ result: 'nothing', kind: 'up' }, 404, 'result'],
  [{ kind: 'grade' }, 400, 'value'],
  [{ kind: 'grade', value: 4 }, 400, 'value'],
  [{ kind: 'up', value: 1 }, 400, 'value'],
  [{ kind: 'love' }, 400, 'kind'],
  [{ kind: 'up', extra: 1 }, 400, 'extra'],
])('refuses %j with %i at %s', async (change, status, field) => {
  const { post } = testClient();
  await post('/v1/documents', { documents: FILMS });
  const search = await post('/v1/search', { query: 'aspen' });
  const reply = await post('/v1/feedback', { request: search.headers.get('x-request-id'), result: search.json.results[0].id, ...change });
  expect([reply.status, reply.json.error.field]).toEqual([status, field]);
});

it('keeps first-stage ranks though it knows only some passages', () => {
  const passages = [
    { id: 'a', firstStage: { rank: 4 } },
    { id: 'b', firstStage: { rank: 1 } },
  ];
  const { firstStage, reranked } = ordersOf(passages);
  expect([firstStage.indexOf('a'), firstStage.indexOf('b'), firstStage.length, reranked]).toEqual([3, 0, 4, ['a', 'b']]);
});

it('settles the oldest request when there are too many, and keeps what was known of it', async () => {
  const log = createLiftLog(2);
  const orders = { firstStage: ['b', 'a'], reranked: ['a', 'b'] };
  log.record('t', ['1'], orders);
  expect(await log.feedback('t', '1', 'a', 'up')).toBe('taken');
  for (const id of ['2', '3']) log.record('t', [id], orders);
  expect(await log.feedback('t', '1', 'a', 'up')).toBe('unknown request');
  expect(await log.feedback('other', '2', 'a', 'up')).toBe('unknown request');
  const report = await log.report('t');
  expect([report.queries, report.lifts.mrr.count, report.lifts.mrr.mean]).toEqual([3, 1, 0.5]);
  expect(await log.report('t')).toEqual(report);
});
