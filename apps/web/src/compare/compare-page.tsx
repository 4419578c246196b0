import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { DEMO_QUESTIONS } from '../ask/starter-questions.tsx';
import { sentence } from '../session/api.ts';
import { useSession } from '../session/session.tsx';
import { movement } from './bump-layout.ts';
import { ComparisonView } from './comparison-view.tsx';
import { type Comparison, runComparison } from './run-comparison.ts';

const COUNTS = [10, 25, 50, 100, 200] as const;
const MOST_RUNS = 8;

/** The same question with and without reranking. */
export function ComparePage(): ReactNode {
  const { collection, presets, rerankers } = useSession();
  const [question, setQuestion] = useState('');
  const [reranker, setReranker] = useState('');
  const [candidates, setCandidates] = useState(50);
  const [runs, setRuns] = useState<readonly Comparison[]>([]);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const abort = useRef<AbortController>(undefined);
  const options = [...presets.map((name) => `preset:${name}`), ...rerankers];
  const preferred = options.includes('preset:quality') ? 'preset:quality' : (options[0] ?? '');
  const chosen = options.includes(reranker) ? reranker : preferred;

  async function run(change: { reranker?: string; candidates?: number; question?: string } = {}) {
    const choice = { question: question.trim(), collection, reranker: chosen, candidates, ...change };
    if (choice.question === '' || choice.reranker === '') return;
    abort.current?.abort();
    const controller = new AbortController();
    abort.current = controller;
    setBusy(true);
    setProblem(undefined);
    try {
      const comparison = await runComparison(choice, presets, controller.signal);
      setRuns((before) => [comparison, ...before].slice(0, MOST_RUNS));
    } catch (error) {
      if (controller.signal.aborted) return;
      setProblem(sentence(error));
    }
    if (abort.current === controller) setBusy(false);
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run();
  };
  const latest = runs[0];

  return (
    <div className="stack">
      <h1>Compare</h1>
      <form className="panel compare-form" onSubmit={submit}>
        <label className="field wide">
          Question
          <input
            value={question}
            onChange={(event) => setQuestion(event.target.value)}
            maxLength={8000}
            placeholder={collection === 'demo' ? DEMO_QUESTIONS[0] : 'A question about your documents'}
            required
          />
        </label>
        <label className="field">
          Reranker
          <select
            value={chosen}
            onChange={(event) => {
              setReranker(event.target.value);
              if (latest) void run({ reranker: event.target.value });
            }}
          >
            {options.map((name) => (
              <option key={name} value={name}>
                {name.replace('preset:', 'preset ')}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          Candidates
          <select
            value={candidates}
            onChange={(event) => {
              setCandidates(Number(event.target.value));
              if (latest) void run({ candidates: Number(event.target.value) });
            }}
          >
            {COUNTS.map((count) => (
              <option key={count}>{count}</option>
            ))}
          </select>
        </label>
        <button type="submit" className="primary" disabled={busy}>
          {busy ? 'Comparing …' : 'Compare'}
        </button>
      </form>
      {collection === 'demo' && !latest && !busy && (
        <section className="starters" aria-label="To begin">
          <p className="lead">See what the reranker changes, and what it costs.</p>
          <ul>
            {DEMO_QUESTIONS.slice(0, 3).map((text) => (
              <li key={text}>
                <button
                  type="button"
                  onClick={() => {
                    setQuestion(text);
                    void run({ question: text });
                  }}
                >
                  {text}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {problem && (
        <p className="alert" role="alert">
          {problem}
        </p>
      )}
      <p className="hidden" role="status">
        {busy ? 'Comparing.' : latest ? `Comparison ready. ${movement(latest.search.results)}` : ''}
      </p>
      {latest && <ComparisonView comparison={latest} earlier={runs} />}
    </div>
  );
}
