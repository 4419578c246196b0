import { useCallback, useEffect, useState } from 'react';
import { get, post, remove, sentence } from '../session/api.ts';
import type { StoredDocument } from '../session/api-shapes.ts';

interface Page {
  readonly documents: readonly StoredDocument[];
  readonly next?: string;
}

/** A deleted document, whole, so that it can be put back. */
export interface Deleted {
  readonly collection: string;
  readonly document: StoredDocument & { readonly text: string };
}

const address = (collection: string, id = '') =>
  `/v1/documents${id && `/${encodeURIComponent(id)}`}?collection=${encodeURIComponent(collection)}`;

/** The documents of a collection, page by page. */
export function useDocuments(
  collection: string,
  exists: boolean,
  onChange: () => void,
): {
  readonly documents: readonly StoredDocument[];
  readonly more: boolean;
  readonly deleted: Deleted | undefined;
  readonly problem: string | undefined;
  reload(): Promise<void>;
  loadMore(): Promise<void>;
  erase(id: string): Promise<void>;
  undo(): Promise<void>;
} {
  const [page, setPage] = useState<Page>({ documents: [] });
  const [deleted, setDeleted] = useState<Deleted>();
  const [problem, setProblem] = useState<string>();

  const attempt = useCallback(async (work: () => Promise<void>) => {
    try {
      await work();
      setProblem(undefined);
    } catch (error) {
      setProblem(sentence(error));
    }
  }, []);
  const reload = useCallback(
    () =>
      attempt(async () => {
        // A collection is made by its first document; before that there is nothing to ask for.
        setPage(exists ? await get<Page>(address(collection)) : { documents: [] });
      }),
    [collection, exists, attempt],
  );
  useEffect(() => void reload(), [reload]);

  return {
    documents: page.documents,
    more: page.next !== undefined,
    deleted,
    problem,
    reload,
    loadMore: () =>
      attempt(async () => {
        const following = await get<Page>(`${address(collection)}&cursor=${encodeURIComponent(page.next ?? '')}`);
        setPage({ ...following, documents: [...page.documents, ...following.documents] });
      }),
    erase: (id) =>
      attempt(async () => {
        // The whole text first: what cannot be put back is not deleted.
        const document = await get<Deleted['document']>(address(collection, id));
        await remove(address(collection, id));
        setDeleted({ collection, document });
        setPage((before) => ({ ...before, documents: before.documents.filter((other) => other.id !== id) }));
        onChange();
      }),
    undo: () =>
      attempt(async () => {
        if (!deleted) return;
        const { id, text, title, url, metadata } = deleted.document;
        await post('/v1/documents', {
          collection: deleted.collection,
          documents: [
            { id, text, ...(title !== undefined && { title }), ...(url !== undefined && { url }), ...(metadata && { metadata }) },
          ],
        });
        setDeleted(undefined);
        onChange();
        await reload();
      }),
  };
}
