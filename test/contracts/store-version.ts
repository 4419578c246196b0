import type { Store } from '@resift/retrieval/stores/store';
import { expect, it } from 'vitest';

/** What a cache of searches stands on. */
export function versionLaw(current: () => Store): void {
  it('names a version that changes with the collection and with nothing else', async () => {
    const store = current();
    await store.put('c', [
      { id: 'a', text: 'one' },
      { id: 'b', text: 'two' },
    ]);
    await store.put('other', [{ id: 'a', text: 'one' }]);
    const other = await store.version('other');
    const seen = new Set([await store.version('c')]);
    await store.retriever('c', 'bm25').retrieve('one', { topK: 5 });
    await store.list('c', { limit: 5 });
    expect(await store.version('c')).toBe([...seen][0]);
    for (const change of [
      () => store.put('c', [{ id: 'n', text: 'new' }]),
      () => store.put('c', [{ id: 'a', text: 'another' }]),
      () => store.put('c', [{ id: 'a', text: 'another' }]),
      () => store.delete('c', 'b'),
      () => store.reindex('c'),
      async () => {
        await store.deleteCollection('c');
        await store.put('c', [
          { id: 'a', text: 'one' },
          { id: 'b', text: 'two' },
        ]);
      },
    ]) {
      await change();
      const version = await store.version('c');
      expect(seen.has(version)).toBe(false);
      expect(await store.version('c')).toBe(version);
      seen.add(version);
    }
    expect(await store.version('other')).toBe(other);
    await expect(store.version('none')).rejects.toMatchObject({ code: 'not_found' });
  });
}
