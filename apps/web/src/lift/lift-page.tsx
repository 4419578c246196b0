import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { get, send, sentence } from '../session/api.ts';
import { type Interval, IntervalBar } from './interval-bar.tsx';
import { latencyOf, readSamples, type Sample, sumBy } from './prometheus.ts';

interface LiftReport {
  readonly verdict: 'helps' | 'unclear' | 'not worth it';
  readonly measure: string;
  readonly lifts: Readonly<Record<string, Interval>>;
  readonly before: Readonly<Record<string, number>>;
  readonly after: Readonly<Record<string, number>>;
  readonly queries: number;
  readonly overlap_at_10: number;
  readonly displacement: number;
  readonly feedback: Readonly<Record<string, number>>;
}

const VERDICTS: Readonly<Record<LiftReport['verdict'], string>> = {
  helps: 'Reranking helps on this traffic.',
  unclear: 'Not enough is known yet to say whether reranking helps.',
  'not worth it': 'Reranking is not worth its time on this traffic.',
};
const ROUTES = ['/v1/search', '/v1/chat', '/v1/chat/ui', '/v1/rerank', '/v2/rerank'] as const;

/** Is reranking worth it here, and what does it cost? Read when the page opens and when asked; nothing stays connected. */
export function LiftPage(): ReactNode {
  const [report, setReport] = useState<LiftReport>();
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const [problem, setProblem] = useState<string>();

  const load = useCallback(async () => {
    try {
      const [lift, metrics] = await Promise.all([get<LiftReport>('/v1/lift'), send('/metrics').then((response) => response.text())]);
      setReport(lift);
      setSamples(readSamples(metrics));
      setProblem(undefined);
    } catch (error) {
      setProblem(sentence(error));
    }
  }, []);
  useEffect(() => void load(), [load]);

  return (
    <div className="stack">
      <div className="bar">
        <h1>Lift</h1>
        <button type="button" onClick={() => void load()}>
          Refresh
        </button>
      </div>
      {problem && (
        <p className="alert" role="alert">
          {problem}
        </p>
      )}
      {report && <Verdict report={report} />}
      {report && <Operation samples={samples} />}
    </div>
  );
}

function Verdict({ report }: { report: LiftReport }): ReactNode {
  const { verdict, lifts, before, after, queries, overlap_at_10: overlap, displacement, feedback } = report;
  return (
    <section className="panel" aria-label="Verdict">
      <h2 className={`verdict-line ${verdict.replaceAll(' ', '-')}`}>{VERDICTS[verdict]}</h2>
      <p className="faint">
        After minus before, over requests that readers judged. The intervals hold at every moment, however often one looks. Thumbs on
        sources in Ask feed them.
      </p>
      <dl className="lifts">
        {Object.entries(lifts).map(([measure, interval]) => (
          <div key={measure}>
            <dt>{measure}</dt>
            <dd>
              <IntervalBar measure={measure} interval={interval} />
              {before[measure] !== undefined && interval.count > 0 && (
                <span className="faint">
                  {before[measure].toFixed(2)} → {(after[measure] ?? 0).toFixed(2)}
                </span>
              )}
            </dd>
          </div>
        ))}
      </dl>
      <dl className="figures">
        <Figure name="Requests reranked" value={String(queries)} />
        <Figure name="First ten that stayed" value={queries === 0 ? '–' : `${Math.round(overlap * 100)} %`} />
        <Figure name="Mean places moved" value={queries === 0 ? '–' : displacement.toFixed(1)} />
        <Figure name="Thumbs up" value={String(feedback['up'] ?? 0)} />
        <Figure name="Thumbs down" value={String(feedback['down'] ?? 0)} />
      </dl>
    </section>
  );
}

function Operation({ samples }: { samples: readonly Sample[] }): ReactNode {
  const statuses = sumBy(samples, 'rerank_total', 'status');
  const reranks = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  const pairs = sumBy(samples, 'rerank_pairs_total', 'source');
  const scored = (pairs['model'] ?? 0) + (pairs['cache'] ?? 0);
  const wait = latencyOf(samples, 'queue_wait_seconds');
  const share = (part = 0, whole = 0) => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`);
  const rows = ROUTES.flatMap((route) => {
    const latency = latencyOf(samples, 'http_request_duration_seconds', { route });
    return latency ? [{ route, ...latency }] : [];
  });
  return (
    <section className="panel" aria-label="Operation">
      <h2>Operation</h2>
      <dl className="figures">
        <Figure name="Rerank calls" value={String(reranks)} />
        <Figure name="Degraded" value={share((statuses['degraded'] ?? 0) + (statuses['failed'] ?? 0), reranks)} />
        <Figure name="Partial" value={share(statuses['partial'], reranks)} />
        <Figure name="Cache hits" value={share(pairs['cache'], scored)} />
        <Figure name="Mean wait in the queue" value={wait ? ms(wait.meanMs) : '–'} />
      </dl>
      {rows.length === 0 ? (
        <p className="faint">No search and no chat since the server started.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">Route</th>
              <th scope="col">Requests</th>
              <th scope="col">Mean</th>
              <th scope="col">Half within</th>
              <th scope="col">95 % within</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ route, count, meanMs, p50Ms, p95Ms }) => (
              <tr key={route}>
                <th scope="row">{route}</th>
                <td>{count}</td>
                <td>{ms(meanMs)}</td>
                <td>{ms(p50Ms)}</td>
                <td>{ms(p95Ms)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Figure({ name, value }: { name: string; value: string }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const ms = (value: number) => (Number.isFinite(value) ? `${value < 10 ? value.toFixed(1) : Math.round(value)} ms` : 'over 30 s');
