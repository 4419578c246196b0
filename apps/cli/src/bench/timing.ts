/** What a number of runs took, in milliseconds. */
export interface Timing {
  readonly runs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** Runs `work` once to warm up, then once per item, one after the other. Stops between two runs where `signal` aborts. */
export async function timed<T>(items: readonly T[], work: (item: T) => Promise<unknown>, signal: AbortSignal): Promise<Timing> {
  if (items.length > 0) await work(items[0]!);
  const taken: number[] = [];
  for (const item of items) {
    signal.throwIfAborted();
    const started = performance.now();
    await work(item);
    taken.push(performance.now() - started);
  }
  return summary(taken);
}

/** The nearest-rank percentiles of times in milliseconds. */
export function summary(taken: readonly number[]): Timing {
  const sorted = [...taken].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { runs: sorted.length, p50Ms: at(0.5), p95Ms: at(0.95) };
}
