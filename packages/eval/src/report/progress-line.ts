import type { Progress } from '../experiment/run-experiment.ts';

/** Makes an experiment's progress one line: share, time left, what came from the cache, what it cost. `started` is a time of `Date.now()`. */
export function progressLine(started: number): (progress: Progress) => string {
  return ({ system, done, total, cached, cost, usage }) => {
    const fresh = done - cached;
    const left = fresh > 0 ? Math.round(((Date.now() - started) / fresh / 1000) * (total - done)) : undefined;
    const parts = [
      `${Math.floor((100 * done) / total)} % (${done}/${total})`,
      left === undefined ? undefined : `about ${left} s left`,
      cached > 0 ? `${cached} from cache` : undefined,
      usage.outputTokens > 0 ? `${usage.inputTokens} + ${usage.outputTokens} tokens` : undefined,
      cost === undefined ? undefined : `cost ${cost.toFixed(4)}`,
      system,
    ];
    return parts.filter((part) => part !== undefined).join(' · ');
  };
}
