import { type FormEvent, type ReactNode, useState } from 'react';
import { post, sentence } from '../session/api.ts';
import { useSession } from '../session/session.tsx';
import { passagesIn } from './passages.ts';
import { SnippetPanel } from './snippet-panel.tsx';
import type { Ranked } from './snippets.ts';

interface RankedItem {
  readonly index: number;
  readonly relevance_score: number;
  readonly label?: string;
}

interface Outcome {
  readonly asked: Ranked;
  readonly results: readonly RankedItem[];
  readonly elapsedMs: number;
}

const QUERY = 'Who wrote Hamlet?';
const PASSAGES = `Hamlet is a town in North Carolina with about six thousand inhabitants.

William Shakespeare wrote the tragedy of Hamlet around the year 1600.

A hamlet is a small settlement, smaller than a village.`;

/** Any query, any passages, any reranker of this server. */
export function PlaygroundPage(): ReactNode {
  const { rerankers } = useSession();
  const [model, setModel] = useState('');
  const [query, setQuery] = useState(QUERY);
  const [text, setText] = useState(PASSAGES);
  const [outcome, setOutcome] = useState<Outcome>();
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const chosen = rerankers.includes(model) ? model : (rerankers[0] ?? '');
  const passages = passagesIn(text);

  async function rank(event: FormEvent) {
    event.preventDefault();
    const asked: Ranked = { model: chosen, query: query.trim(), passages };
    setBusy(true);
    try {
      const began = performance.now();
      const { results } = await post<{ results: RankedItem[] }>('/v1/rerank', {
        model: asked.model,
        query: asked.query,
        documents: asked.passages,
        return_labels: true,
      });
      setOutcome({ asked, results, elapsedMs: performance.now() - began });
      setProblem(undefined);
    } catch (error) {
      setProblem(sentence(error));
    }
    setBusy(false);
  }

  return (
    <div className="stack">
      <h1>Playground</h1>
      <form className="panel stack" onSubmit={(event) => void rank(event)}>
        <label className="field">
          Query
          <input value={query} onChange={(event) => setQuery(event.target.value)} maxLength={8000} required />
        </label>
        <label className="field">
          Passages, with an empty line between two
          <textarea rows={8} value={text} onChange={(event) => setText(event.target.value)} required />
        </label>
        <div className="bar">
          <label className="field">
            Reranker
            <select value={chosen} onChange={(event) => setModel(event.target.value)}>
              {rerankers.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
          <button type="submit" className="primary" disabled={busy || passages.length === 0 || query.trim() === '' || chosen === ''}>
            {busy ? 'Ranking …' : `Rank ${passages.length} ${passages.length === 1 ? 'passage' : 'passages'}`}
          </button>
        </div>
      </form>
      {problem && (
        <p className="alert" role="alert">
          {problem}
        </p>
      )}
      <p className="hidden" role="status">
        {outcome && !busy ? `Ranked ${outcome.results.length} passages.` : ''}
      </p>
      {outcome && <RankingPanel outcome={outcome} />}
      {outcome && <SnippetPanel ranked={outcome.asked} />}
    </div>
  );
}

function RankingPanel({ outcome: { asked, results, elapsedMs } }: { outcome: Outcome }): ReactNode {
  return (
    <section className="panel" aria-label="Ranking">
      <h2>Ranking</h2>
      <p className="faint">
        {asked.model}, {Math.round(elapsedMs)} ms with the way there and back
      </p>
      <ol className="results">
        {results.map(({ index, relevance_score: score, label }) => (
          <li key={index}>
            <span className="scored">
              <meter min={0} max={1} value={score} aria-label={`Score of passage ${index + 1}`} /> {score.toFixed(3)}
              {label && <span className={`badge ${label.replace(' ', '-')}`}>{label}</span>}
              <span className="faint">was {index + 1}</span>
            </span>
            <span>{asked.passages[index]}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
