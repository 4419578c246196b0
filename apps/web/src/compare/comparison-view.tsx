import { type ReactNode, useState } from 'react';
import { AnswerText } from '../ask/answer-text.tsx';
import { factsOf, type Opened, SourceDialog } from '../ask/source-dialog.tsx';
import type { ChatAnswer, Passage } from '../session/api-shapes.ts';
import { BumpChart } from './bump-chart.tsx';
import { movement } from './bump-layout.ts';
import { type Comparison, firstStageOrder } from './run-comparison.ts';

const SHOWN = 10;

/** Two answers, two lists, and the way from one to the other. */
export function ComparisonView({ comparison, earlier }: { comparison: Comparison; earlier: readonly Comparison[] }): ReactNode {
  const { choice, plain, reranked, search } = comparison;
  const [opened, setOpened] = useState<Opened>();
  const open = (source: Passage) => setOpened({ source, collection: choice.collection });
  const answer = (title: string, chat: ChatAnswer, note: string) => (
    <section className="panel" aria-label={title}>
      <h2>{title}</h2>
      <AnswerText
        turn={{ ...chat, status: 'done' }}
        onOpen={(source, citation) => setOpened({ source, citation, collection: choice.collection })}
      />
      {chat.abstained && <p className="badge">No answer in the documents</p>}
      <p className="facts">
        <span>{note}</span>
        {chat.timings['totalMs'] !== undefined && <span>{Math.round(chat.timings['totalMs'])} ms in all</span>}
      </p>
    </section>
  );
  const { rerank } = search;
  const status = `${rerank.status}${rerank.reason ? ` (${rerank.reason})` : ''}`;

  return (
    <>
      <p className="lead">{movement(search.results)}</p>
      <div className="two">
        {answer('Without reranking', plain, 'first-stage order')}
        {answer('With reranking', reranked, `${rerank.reranker}, ${status}`)}
      </div>
      <section className="panel" aria-label="What moved">
        <h2>What moved</h2>
        <BumpChart results={search.results} />
      </section>
      <div className="two">
        <ResultList
          title="First stage"
          results={firstStageOrder(search.results)}
          rankOf={({ first_stage: { rank } }) => rank}
          onOpen={open}
        />
        <ResultList title="Reranked" results={search.results} rankOf={(_, index) => index + 1} onOpen={open} />
      </div>
      <section className="panel" aria-label="Runs">
        <h2>Time</h2>
        <table>
          <thead>
            <tr>
              <th scope="col">Reranker</th>
              <th scope="col">Candidates</th>
              <th scope="col">Scored</th>
              <th scope="col">Reranking</th>
              <th scope="col">Search in all</th>
              <th scope="col">Status</th>
            </tr>
          </thead>
          <tbody>
            {earlier.map(({ choice: ran, search: found }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the same run may be made twice
              <tr key={index}>
                <td>{ran.reranker.replace('preset:', 'preset ')}</td>
                <td>{ran.candidates}</td>
                <td>{found.rerank.scored}</td>
                <td>{Math.round(found.rerank.elapsedMs)} ms</td>
                <td>{Math.round(found.timings['totalMs'] ?? 0)} ms</td>
                <td>{found.rerank.status}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {opened && <SourceDialog opened={opened} onClose={() => setOpened(undefined)} />}
    </>
  );
}

interface ResultListProps {
  readonly title: string;
  readonly results: readonly Passage[];
  readonly rankOf: (passage: Passage, index: number) => number;
  readonly onOpen: (source: Passage) => void;
}

function ResultList({ title, results, rankOf, onOpen }: ResultListProps): ReactNode {
  return (
    <section className="panel" aria-label={title}>
      <h2>{title}</h2>
      <ol className="results">
        {results.slice(0, SHOWN).map((passage, index) => (
          <li key={passage.id} value={rankOf(passage, index)}>
            <button type="button" className="link" onClick={() => onOpen(passage)}>
              {passage.title ?? passage.document_id}
            </button>
            <span className="faint">{factsOf(passage)}</span>
            <span className="excerpt">{passage.text}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
