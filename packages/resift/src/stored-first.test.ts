import { createReranker, type Document, type Reranker, ResiftError, type StoredEncodings, type TextEncoding } from '@resift/core';
import { expect, it } from 'vitest';
import { storedFirst } from './stored-first.ts';

const encoding: TextEncoding = {
  sentence: new Float32Array(1),
  tokens: { count: 0, dimensions: 1, data: new Float32Array() },
  truncated: false,
};
/** Scores by the text, 'kept 0.3' as 0.3; asks for encodings as a real one does. */
const byNumber = (id: string, stored?: StoredEncodings, seen: string[] = []): Reranker<'probability'> =>
  createReranker({
    id,
    scale: 'probability',
    async score(_query, texts, _options, documents) {
      const found = await stored?.(documents);
      seen.push(...texts);
      return {
        values: texts.map((text) => (text.includes('budget') ? undefined : Number(text.split(' ')[1]))),
        usage: { calls: 1 },
        cacheHits: found?.filter(Boolean).length ?? 0,
      };
    },
  });
const documents = ['fresh 0.1', 'kept 0.3', 'fresh 0.9', 'kept 0.9', 'kept 0.2'].map((text, i) => ({ id: `d${i}`, text }));
const lookup: StoredEncodings = async (asked) => asked.map(({ text }) => (text.startsWith('kept') ? encoding : undefined));
const open = (otherwise: Reranker<'probability'> = byNumber('slow'), failures: unknown[] = []) =>
  storedFirst({ lookup, stored: (stored) => byNumber('quick', stored), otherwise, onFailure: (error) => failures.push(error) });

it('scores each where it can, ties in input order, and counts what was kept', async () => {
  const { items, usage, status } = await open().rerank('?', documents);
  expect(items.map(({ document, index, score }) => [document, index, score])).toEqual(
    [2, 3, 1, 4, 0].map((index) => [documents[index], index, Number(documents[index]!.text.split(' ')[1])]),
  );
  expect(usage.calls).toBe(2);
  expect(status).toEqual({ status: 'applied', window: 5, scored: 5, invalid: 0, cacheHits: 3 });
  expect((await open().rerank('?', documents, { topK: 2 })).items).toEqual(items.slice(0, 2));
});

it('leaves the other one alone where all are kept, and is the other one where none is', async () => {
  const seen: string[] = [];
  const reranker = open(byNumber('slow', undefined, seen));
  const kept = documents.filter(({ text }) => text.startsWith('kept'));
  expect((await reranker.rerank('?', kept)).status).toMatchObject({ status: 'applied', cacheHits: 3 });
  expect(seen).toEqual([]);
  expect((await reranker.rerank('?', documents.slice(0, 1))).status).toMatchObject({ status: 'applied', cacheHits: 0 });
  expect(seen).toEqual(['fresh 0.1']);
  expect((await reranker.rerank('?', [])).items).toEqual([]);
  expect(reranker.id).toBe('stored(quick, slow)');
  expect(storedFirst({ lookup, stored: () => byNumber('same'), otherwise: byNumber('same') }).id).toBe('same');
});

it.each([
  ['timeout', 'deadline'],
  ['overloaded', 'overloaded'],
  ['unavailable', 'unavailable'],
] as const)('keeps what was scored where the rest is refused (%s)', async (code, reason) => {
  const failing: Reranker<'probability'> = { ...byNumber('slow'), rerank: () => Promise.reject(new ResiftError(code, 'No.')) };
  const { items, skipped, status } = await open(failing).rerank('?', documents);
  expect(items.map(({ index }) => index)).toEqual([3, 1, 4]);
  expect(skipped).toEqual([documents[0], documents[2]]);
  expect(status).toEqual({ status: 'partial', reason, window: 5, scored: 3, invalid: 0, cacheHits: 3 });
  await expect(open(failing).rerank('?', documents.slice(0, 1))).rejects.toMatchObject({ code });
});

it('hides no mistake and no abort, and reads afresh where the lookup fails, telling why', async () => {
  const wrong: Reranker<'probability'> = { ...byNumber('slow'), rerank: () => Promise.reject(new ResiftError('invalid_config', 'No.')) };
  await expect(open(wrong).rerank('?', documents)).rejects.toMatchObject({ code: 'invalid_config' });
  await expect(open().rerank('', documents)).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(open().rerank('?', 'no list' as unknown as Document[])).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(open().rerank('?', documents, { signal: AbortSignal.abort('left') })).rejects.toBe('left');

  const failures: unknown[] = [];
  const broken = new Error('The disk is gone.');
  const reranker = storedFirst({
    lookup: () => Promise.reject(broken),
    stored: (stored) => byNumber('quick', stored),
    otherwise: byNumber('slow'),
    onFailure: (error) => failures.push(error),
  });
  expect((await reranker.rerank('?', documents)).status).toMatchObject({ status: 'applied', scored: 5, cacheHits: 0 });
  expect(failures).toEqual([broken]);
});
