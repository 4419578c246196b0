import { expect, it } from 'vitest';
import { createReranker } from './reranker.ts';

const documents = [
  { id: 'a', text: 'one' },
  { id: 'b', text: 'two' },
];
const giving = (values: readonly (number | undefined)[]) =>
  createReranker({ id: 'fixed', scale: 'logit', score: async () => ({ values }) });

it('refuses an answer in which more than a tenth of the scores are not numbers', async () => {
  await expect(giving([1, Number.NaN]).rerank('q', documents)).rejects.toMatchObject({
    code: 'bad_output',
    details: { reason: 'invalid_scores' },
  });
});

it('leaves a rare score that is not a number unscored, behind the scored ones, and counts it', async () => {
  const many = Array.from({ length: 20 }, (_, i) => ({ id: `d${i}`, text: `text ${i}` }));
  const { items, skipped, status } = await giving(many.map((_, i) => (i === 3 ? Number.POSITIVE_INFINITY : i))).rerank('q', many);
  expect(items).toHaveLength(19);
  expect(skipped).toEqual([many[3]]);
  expect(status).toEqual({ status: 'partial', window: 20, scored: 19, invalid: 1, cacheHits: 0 });
});

it('refuses more or fewer scores than texts', async () => {
  await expect(giving([1]).rerank('q', documents)).rejects.toMatchObject({ code: 'bad_output' });
});

it('keeps apart what was not examined', async () => {
  const { items, skipped } = await giving([undefined, 2]).rerank('q', documents);
  expect(items.map((item) => item.document.id)).toEqual(['b']);
  expect(skipped).toEqual([documents[0]]);
});

it.each([
  [7 as never, documents, 'query'],
  [' \n', documents, 'query'],
  ['q', [{ id: 'a' } as never], 'documents[0].text'],
  ['q', undefined as never, '`documents`'],
])('names what is wrong with %j', async (query, given, named) => {
  await expect(giving([1, 2]).rerank(query, given)).rejects.toThrow(named);
});

it('turns -0 into 0', async () => {
  const { items } = await giving([-0, -1]).rerank('q', documents);
  expect(Object.is(items[0]?.score, 0)).toBe(true);
});

it('stops waiting the moment the signal aborts', async () => {
  const reranker = createReranker({ id: 'stuck', scale: 'logit', score: () => new Promise(() => {}) });
  const controller = new AbortController();
  const reason = new Error('the user left');
  const ranking = reranker.rerank('q', documents, { signal: controller.signal });
  controller.abort(reason);
  await expect(ranking).rejects.toBe(reason);
});
