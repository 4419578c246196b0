import type { ReactNode } from 'react';
import type { Upload } from './use-uploads.ts';

const WORDS: Readonly<Record<Upload['state'], string>> = {
  waiting: 'waiting',
  uploading: 'uploading',
  indexing: 'indexing',
  done: 'searchable now',
  failed: 'failed',
};

export function UploadList({ uploads, onForget }: { uploads: readonly Upload[]; onForget: () => void }): ReactNode {
  if (uploads.length === 0) return null;
  const running = uploads.some(({ state }) => state !== 'done' && state !== 'failed');
  return (
    <section className="panel" aria-label="Uploads">
      <ul className="uploads">
        {uploads.map(({ id, name, state, share, problem }) => (
          <li key={id} className={state}>
            <span className="name">{name}</span>
            {state === 'failed' ? null : (
              <progress
                aria-label={`${name}: ${WORDS[state]}`}
                max={1}
                value={state === 'waiting' ? 0 : state === 'uploading' ? share / 2 : state === 'done' ? 1 : 0.5 + share / 2}
              />
            )}
            <span className={state === 'failed' ? 'bad' : 'faint'}>{problem ?? WORDS[state]}</span>
          </li>
        ))}
      </ul>
      <p className="hidden" role="status">
        {running
          ? 'Adding documents.'
          : `${uploads.filter(({ state }) => state === 'done').length} added, ${uploads.filter(({ state }) => state === 'failed').length} failed.`}
      </p>
      {!running && (
        <button type="button" onClick={onForget}>
          Clear list
        </button>
      )}
    </section>
  );
}
