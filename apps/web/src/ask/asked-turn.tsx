import type { ReactNode } from 'react';
import type { Citation, Passage } from '../session/api-shapes.ts';
import { AnswerText } from './answer-text.tsx';
import { SourceList } from './source-list.tsx';
import type { Turn } from './turn.ts';

interface AskedTurnProps {
  readonly turn: Turn;
  readonly onOpen: (source: Passage, citation?: Citation) => void;
  readonly onRetry: (() => void) | undefined;
}

/** One question and its answer. */
export function AskedTurn({ turn, onOpen, onRetry }: AskedTurnProps): ReactNode {
  return (
    <li>
      <p className="question">{turn.question}</p>
      <div className="reply">
        {turn.status === 'searching' && <p className="faint">Searching {turn.collection} …</p>}
        {turn.answer !== '' && <AnswerText turn={turn} onOpen={onOpen} />}
        {turn.status === 'stopped' && <p className="faint">Stopped.</p>}
        {turn.status === 'failed' && (
          <p className="alert" role="alert">
            {turn.problem}
          </p>
        )}
        {turn.abstained && <p className="badge">No answer in the documents</p>}
        {turn.sources.length > 0 && <SourceList sources={turn.sources} request={turn.request} onOpen={onOpen} />}
        <p className="facts">
          {factsOf(turn).map((fact) => (
            <span key={fact}>{fact}</span>
          ))}
          {onRetry && (
            <button type="button" className="link" onClick={onRetry}>
              {turn.status === 'done' ? 'Ask again' : 'Retry'}
            </button>
          )}
        </p>
      </div>
    </li>
  );
}

function factsOf({ status, rerank, groundedness, totalMs }: Turn): string[] {
  if (status !== 'done') return [];
  const facts: string[] = [];
  if (rerank) {
    const of = rerank.status === 'disabled' ? 'not reranked' : `reranking ${rerank.status}${rerank.reason ? ` (${rerank.reason})` : ''}`;
    facts.push(rerank.status === 'disabled' ? of : `${of}, ${rerank.scored} passages in ${Math.round(rerank.elapsedMs)} ms`);
  }
  if (groundedness?.status === 'failed') facts.push('support could not be checked');
  if (groundedness?.score !== undefined) facts.push(`${Math.round(groundedness.score * 100)} % supported`);
  if (totalMs !== undefined) facts.push(`${(totalMs / 1000).toFixed(1)} s in all`);
  return facts;
}
