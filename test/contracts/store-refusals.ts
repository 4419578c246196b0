import type { SourceDocument, Store } from '@resift/retrieval/stores/store';
import { expect, it } from 'vitest';

/** What every store refuses, and that it then stores nothing. */
export function refusalLaws(store: () => Store): void {
  it.each<[string, readonly unknown[], string]>([
    ['invalid_input', [{ id: '', text: 'x' }], 'documents[0].id'],
    ['invalid_input', [{ id: 'x'.repeat(513), text: 'x' }], 'documents[0].id'],
    ['invalid_input', [{ id: '\ud800', text: 'x' }], 'documents[0].id'],
    ['invalid_input', [{ text: 'x' }, { text: 7 }], 'documents[1].text'],
    [
      'invalid_input',
      [
        { id: 'a', text: 'x' },
        { id: 'a', text: 'y' },
      ],
      'documents[1].id',
    ],
    ['invalid_input', [{ text: 'x', metadata: { a: { b: { c: { d: { e: 1 } } } } } }], 'documents[0].metadata'],
    ['invalid_input', [{ text: 'x', metadata: { a: Number.NaN } }], 'documents[0].metadata.a'],
    ['unusable_content', [{ text: 'fine' }, { text: ' \u200b\n' }], 'documents[1].text'],
  ])('refuses with %s, naming the field, and stores nothing', async (code, documents, field) => {
    await store().createCollection('c');
    await expect(store().put('c', documents as SourceDocument[])).rejects.toMatchObject({ code, message: expect.stringContaining(field) });
    expect(await store().collections()).toEqual([{ name: 'c', documents: 0, chunks: 0 }]);
  });

  it.each(['', '.', '..', '../up', 'a/b', 'a\\b', '/abs', 'nul\0', 'ünïcode', 'a'.repeat(65), '-x', 'a..b', 7 as never])(
    'refuses the collection name %j',
    async (bad) => {
      for (const call of [
        () => store().createCollection(bad),
        () => store().put(bad, [{ id: 'a', text: 'x' }]),
        () => store().deleteCollection(bad),
        () => store().get(bad, 'a'),
      ]) {
        await expect(call()).rejects.toMatchObject({ code: 'invalid_input' });
      }
    },
  );
}
