import type { ReactNode } from 'react';

export interface Interval {
  readonly count: number;
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
}

/** A lift and its interval on the line from -1 to 1, with 0 marked. */
export function IntervalBar({ measure, interval }: { measure: string; interval: Interval }): ReactNode {
  const { count, mean, lower, upper } = interval;
  if (count === 0) return <span className="faint">no judgements yet</span>;
  const x = (value: number) => 100 + 96 * Math.max(-1, Math.min(1, value));
  const words = `${signed(mean)} (${signed(lower)} to ${signed(upper)}), ${count} ${count === 1 ? 'request' : 'requests'}`;
  return (
    <>
      <svg className="interval" viewBox="0 0 200 20" role="img" aria-label={`${measure}: ${words}`}>
        <line x1="4" x2="196" y1="10" y2="10" className="axis" />
        <line x1="100" x2="100" y1="2" y2="18" className="axis" />
        <line x1={x(lower)} x2={x(upper)} y1="10" y2="10" className="range" />
        <circle cx={x(mean)} cy="10" r="5" />
      </svg>
      <span>{words}</span>
    </>
  );
}

const signed = (value: number) => `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(2)}`;
