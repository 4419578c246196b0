import type { ExperimentResult } from '../experiment/result.ts';

/** What a system changed for one question, against the baseline. */
export interface Movement {
  readonly question: string;
  readonly text: string;
  readonly before: number;
  readonly after: number;
  /** Positive is better, whichever way the metric runs. */
  readonly gain: number;
  /** Documents that entered the first five, with their rank now and before. */
  readonly rose: readonly { readonly id: string; readonly rank: number; readonly from?: number }[];
  /** Documents that left the first five, with their rank before and now. */
  readonly sank: readonly { readonly id: string; readonly rank: number; readonly to?: number }[];
  /** Rank of the first relevant document before and now; null where it is not in the list. */
  readonly relevant: readonly [number | null, number | null];
  readonly answers: readonly [string | null, string | null];
  readonly why: string;
}

const TOP = 5;

/** Per question what rose and sank between the baseline and a system, worst loss first. Questions to which the metric does not apply are left out. */
export function movements(result: ExperimentResult, system: string, metric: string): Movement[] {
  const other = result.systems.find(({ id }) => id === system)!;
  const base = result.systems.find(({ id }) => id === (other.against ?? result.baseline))!;
  const sign = result.metrics.find(({ name }) => name === metric)?.better === 'lower' ? -1 : 1;
  return result.questions
    .flatMap(({ id, text }, i): Movement[] => {
      const before = base.values[metric]?.[i];
      const after = other.values[metric]?.[i];
      if (before === null || before === undefined || after === null || after === undefined) return [];
      const [old, now] = [base.top[i]!, other.top[i]!];
      const relevant = [base.firstRelevant[i] ?? null, other.firstRelevant[i] ?? null] as const;
      const answers = [base.answers[i] ?? null, other.answers[i] ?? null] as const;
      const place = (list: readonly string[], wanted: string) => list.indexOf(wanted) + 1 || undefined;
      const rose = now.slice(0, TOP).flatMap((wanted, rank) => {
        const from = place(old, wanted);
        return from !== undefined && from <= TOP ? [] : [{ id: wanted, rank: rank + 1, ...(from && { from }) }];
      });
      const sank = old.slice(0, TOP).flatMap((wanted, rank) => {
        const to = place(now, wanted);
        return to !== undefined && to <= TOP ? [] : [{ id: wanted, rank: rank + 1, ...(to && { to }) }];
      });
      const moved = { question: id, text, before, after, gain: sign * (after - before), rose, sank, relevant, answers };
      return [{ ...moved, why: why(moved) }];
    })
    .sort((a, b) => a.gain - b.gain);
}

function why({ gain, relevant: [before, after], answers: [said, says], rose, sank }: Omit<Movement, 'why'>): string {
  const parts: string[] = [];
  if (before !== after) parts.push(`first relevant document ${place(before)} → ${place(after)}`);
  if (said !== says && said !== null && says !== null) parts.push('another answer');
  if (parts.length === 0 && gain !== 0) parts.push(`${rose.length} new in the first ${TOP}, ${sank.length} gone`);
  return parts.join('; ') || (rose.length > 0 ? 'other passages, same value' : 'unchanged');
}

function place(rank: number | null): string {
  return rank === null ? 'not found' : `#${rank}`;
}
