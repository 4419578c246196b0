import { type Document, ResiftError, type Retriever } from '@resift/core';
import { describe, expect, it } from 'vitest';
import { hybrid } from './hybrid.ts';

const giving = (...ids: string[]): Retriever => ({
  id: 'fixed',
  retrieve: async (_, { topK }) => ids.slice(0, topK).map((id, i) => ({ document: { id, text: id }, score: 10 - i })),
});
const failing = (error: unknown): Retriever => ({ id: 'failing', retrieve: () => Promise.reject(error) });
const hanging: Retriever = { id: 'hanging', retrieve: () => new Promise(() => {}) };
const ids = (results: readonly { readonly document: Document }[]) => results.map(({ document }) => document.id);

it('prefers what both legs found, and says what each did', async () => {
  const { results, legs } = await hybrid({ bm25: giving('a', 'b', 'c'), dense: giving('c', 'd') }).retrieveWithStatus('q', { topK: 3 });
  expect(ids(results)).toEqual(['c', 'a', 'b']);
  expect(legs).toEqual({
    bm25: { status: 'ok', found: 3, elapsedMs: expect.any(Number) },
    dense: { status: 'ok', found: 2, elapsedMs: expect.any(Number) },
  });
});

it('weights legs, and passes the depth, the filter and the signal on', async () => {
  const asked: unknown[] = [];
  const leg: Retriever = { id: 'leg', retrieve: async (_, options) => [asked.push(options)].slice(1) as never };
  expect(ids(await hybrid({ a: giving('x', 'y'), b: giving('y', 'x') }, { weights: { b: 3 } }).retrieve('q', { topK: 2 }))).toEqual([
    'y',
    'x',
  ]);
  await hybrid({ leg }, { depth: 50 }).retrieve('q', { topK: 7, filter: { lang: 'en' } });
  await hybrid({ leg }, { depth: 50 }).retrieve('q', { topK: 70 });
  expect(asked).toMatchObject([{ topK: 50, filter: { lang: 'en' }, signal: expect.any(AbortSignal) }, { topK: 70 }]);
});

describe('a leg that fails', () => {
  it.each<[string, Retriever, string]>([
    ['throws', failing(new Error('boom')), 'unavailable'],
    ['says why', failing(new ResiftError('corrupt', 'damaged')), 'corrupt'],
    [
      'says why in detail',
      failing(new ResiftError('invalid_config', 'other', { details: { reason: 'embedder_mismatch' } })),
      'embedder_mismatch',
    ],
    ['hangs', hanging, 'deadline'],
    [
      'throws at once',
      {
        id: 'sync',
        retrieve: () => {
          throw new Error('sync');
        },
      },
      'unavailable',
    ],
  ])('and %s is reported and left out', async (_, leg, reason) => {
    const { results, legs } = await hybrid({ bm25: giving('a'), dense: leg }, { legTimeoutMs: 20 }).retrieveWithStatus('q', { topK: 3 });
    expect(ids(results)).toEqual(['a']);
    expect(legs['dense']).toEqual({ status: 'failed', found: 0, elapsedMs: expect.any(Number), reason });
  });

  it('makes the whole unavailable only with all others', async () => {
    const legs = { bm25: failing(new Error('x')), dense: failing(new Error('y')) };
    await expect(hybrid(legs).retrieve('q', { topK: 3 })).rejects.toMatchObject({
      code: 'unavailable',
      details: { legs: { bm25: { status: 'failed' } } },
    });
  });

  it('but not where the caller is wrong, or has left', async () => {
    const legs = { bm25: giving('a'), dense: failing(new ResiftError('not_found', 'no such collection')) };
    await expect(hybrid(legs).retrieve('q', { topK: 3 })).rejects.toMatchObject({ code: 'not_found' });
    await expect(hybrid(legs).retrieve(' ', { topK: 3 })).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(hybrid(legs).retrieve('q', { topK: 0.5 })).rejects.toMatchObject({ code: 'invalid_input' });
    const controller = new AbortController();
    const reason = new Error('left');
    const retrieving = hybrid({ a: giving('a'), b: hanging }).retrieve('q', { topK: 3, signal: controller.signal });
    controller.abort(reason);
    await expect(retrieving).rejects.toBe(reason);
  });
});

it('refuses to have no leg', () => {
  expect(() => hybrid({})).toThrow('at least one leg');
});
