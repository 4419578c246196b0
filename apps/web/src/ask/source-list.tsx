import { type ReactNode, useState } from 'react';
import { post, sentence } from '../session/api.ts';
import type { Passage } from '../session/api-shapes.ts';
import { factsOf } from './source-dialog.tsx';

type Thumb = 'up' | 'down';

interface SourceListProps {
  readonly sources: readonly Passage[];
  /** The answer's id; without one no feedback is asked for. */
  readonly request?: string | undefined;
  readonly onOpen: (source: Passage) => void;
}

/** The passages that the answer was made from, each with thumbs that feed the lift monitor. */
export function SourceList({ sources, request, onOpen }: SourceListProps): ReactNode {
  const [given, setGiven] = useState<Readonly<Record<string, Thumb>>>({});
  const [problem, setProblem] = useState<string>();

  async function give(result: string, kind: Thumb) {
    try {
      await post('/v1/feedback', { request, result, kind });
      setGiven((before) => ({ ...before, [result]: kind }));
      setProblem(undefined);
    } catch (error) {
      setProblem(sentence(error));
    }
  }

  return (
    <details className="sources">
      <summary>
        {sources.length} {sources.length === 1 ? 'source' : 'sources'}
      </summary>
      <ol>
        {sources.map((source) => (
          <li key={source.id}>
            <button type="button" className="link" onClick={() => onOpen(source)}>
              {source.title ?? source.document_id}
            </button>
            <span className="faint">{factsOf(source)}</span>
            {request !== undefined && (
              <span className="thumbs">
                {(['up', 'down'] as const).map((kind) => (
                  <button
                    key={kind}
                    type="button"
                    aria-pressed={given[source.id] === kind}
                    aria-label={`${kind === 'up' ? 'Helpful' : 'Not helpful'}: ${source.title ?? source.document_id}`}
                    onClick={() => void give(source.id, kind)}
                  >
                    <ThumbIcon down={kind === 'down'} />
                  </button>
                ))}
              </span>
            )}
          </li>
        ))}
      </ol>
      {problem && <p role="alert">{problem}</p>}
    </details>
  );
}

/** Drawn, since many machines have no font with emoji. */
function ThumbIcon({ down }: { readonly down: boolean }) {
  return (
    <svg viewBox="0 0 24 24" width="16" height="16" aria-hidden="true">
      <path
        transform={down ? 'rotate(180 12 12)' : undefined}
        d="M2 10h4v11H2zM8 10l4-8c1.7 0 3 1.3 3 3v4h5a2 2 0 0 1 2 2.4l-1.7 8A2 2 0 0 1 18.3 21H8z"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinejoin="round"
      />
    </svg>
  );
}
