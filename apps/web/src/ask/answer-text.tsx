import { Fragment, type ReactNode } from 'react';
import type { Citation, Passage } from '../session/api-shapes.ts';
import { piecesOf } from './pieces.ts';
import { isRunning, type Turn } from './turn.ts';

type Shown = Pick<Turn, 'answer' | 'citations' | 'groundedness' | 'sources' | 'status'>;

/** An answer with chips for what it cites and a mark for each sentence that was checked. */
export function AnswerText({ turn, onOpen }: { turn: Shown; onOpen: (source: Passage, citation: Citation) => void }): ReactNode {
  const { answer, citations, groundedness, sources } = turn;
  return (
    <p className={isRunning(turn as Turn) ? 'answer running' : 'answer'}>
      {piecesOf(answer, citations, groundedness?.sentences).map(({ start, text, cited, supported, chips, verdict }) => (
        <Fragment key={start}>
          <span className={[cited ? 'cited' : '', supported === false ? 'doubted' : ''].join(' ').trim() || undefined}>{text}</span>
          {chips.map((citation) => (
            <Chip key={`${citation.source} ${citation.start}`} citation={citation} sources={sources} onOpen={onOpen} />
          ))}
          {verdict && (
            <span
              className={verdict.supported ? 'verdict good' : 'verdict bad'}
              title={`Support by the sources: ${verdict.score.toFixed(2)}`}
            >
              <span aria-hidden="true">{verdict.supported ? '✓' : '!'}</span>
              <span className="hidden">{verdict.supported ? ' (supported by the sources) ' : ' (not supported by the sources) '}</span>
            </span>
          )}
        </Fragment>
      ))}
    </p>
  );
}

interface ChipProps {
  readonly citation: Citation;
  readonly sources: readonly Passage[];
  readonly onOpen: (source: Passage, citation: Citation) => void;
}

function Chip({ citation, sources, onOpen }: ChipProps): ReactNode {
  const place = sources.findIndex(({ id }) => id === citation.source);
  const source = sources[place];
  if (!source) return null;
  return (
    <button
      type="button"
      className="chip"
      aria-label={`Source ${place + 1}: ${source.title ?? source.document_id}`}
      title={citation.quote}
      onClick={() => onOpen(source, citation)}
    >
      {place + 1}
    </button>
  );
}
