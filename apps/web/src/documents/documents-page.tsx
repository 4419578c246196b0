import { type ReactNode, useCallback, useRef, useState } from 'react';
import { useSession } from '../session/session.tsx';
import { AddPanel } from './add-panel.tsx';
import { UploadList } from './upload-list.tsx';
import { useDocuments } from './use-documents.ts';
import { useUploads } from './use-uploads.ts';

/** What is in the collections: add, look through, delete. */
export function DocumentsPage(): ReactNode {
  const { collections, collection, choose, reload: reloadCollections } = useSession();
  const counted = useCallback(() => void reloadCollections(), [reloadCollections]);
  const exists = collections.some(({ name }) => name === collection);
  const { documents, more, deleted, problem, reload, loadMore, erase, undo } = useDocuments(collection, exists, counted);
  const added = useRef<() => void>(counted);
  added.current = () => {
    counted();
    void reload();
  };
  const { uploads, addFiles, paste, forget } = useUploads(() => added.current());
  const [wanted, setWanted] = useState('');
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = documents.filter(({ id, title = '' }) => `${title}\n${id}`.toLowerCase().includes(wanted.trim().toLowerCase()));
  const addTo = (name: string) => {
    if (name !== collection) choose(name);
    return name;
  };

  return (
    <div className="stack">
      <h1>Documents</h1>
      <AddPanel onFiles={(files, into) => addFiles(files, addTo(into))} onText={(text, into) => paste(text, addTo(into))} />
      <UploadList uploads={uploads} onForget={forget} />
      <section className="panel" aria-label="Collections">
        <h2>Collections</h2>
        <ul className="collections">
          {collections.map(({ name, documents: count, chunks }) => (
            <li key={name}>
              <button type="button" aria-pressed={name === collection} onClick={() => choose(name)}>
                <b>{name}</b> {count} {count === 1 ? 'document' : 'documents'}, {chunks} {chunks === 1 ? 'passage' : 'passages'}
              </button>
            </li>
          ))}
        </ul>
      </section>
      <section className="panel" aria-label={`Documents in ${collection}`}>
        <div className="bar">
          <h2 ref={heading} tabIndex={-1}>
            In {collection}
          </h2>
          <label>
            <span className="hidden">Find by title or id</span>
            <input type="search" placeholder="Find by title or id" value={wanted} onChange={(event) => setWanted(event.target.value)} />
          </label>
        </div>
        <div role="status">
          {deleted && (
            <p className="toast">
              Deleted {deleted.document.title ?? deleted.document.id}.{' '}
              <button type="button" onClick={() => void undo()}>
                Undo
              </button>
            </p>
          )}
        </div>
        {problem && (
          <p className="alert" role="alert">
            {problem}
          </p>
        )}
        {shown.length === 0 ? (
          <p className="faint">{documents.length === 0 ? 'No documents yet.' : 'None of these match.'}</p>
        ) : (
          <ul className="documents">
            {shown.map(({ id, title, chunks, created_at: createdAt }) => (
              <li key={id}>
                <span className="name">{title ?? id}</span>
                <span className="faint">
                  {title === undefined ? '' : `${id} · `}
                  {chunks} {chunks === 1 ? 'passage' : 'passages'} · {new Date(createdAt).toLocaleDateString()}
                </span>
                <button
                  type="button"
                  aria-label={`Delete ${title ?? id}`}
                  onClick={() => {
                    // The button goes with its row: the keyboard must not fall back to the top of the page.
                    heading.current?.focus();
                    void erase(id);
                  }}
                >
                  Delete
                </button>
              </li>
            ))}
          </ul>
        )}
        {more && (
          <button type="button" onClick={() => void loadMore()}>
            Load more
          </button>
        )}
      </section>
    </div>
  );
}
