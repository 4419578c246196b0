import type { Progress } from '@resift/eval/experiment/run-experiment';

/** Writes progress to standard error: one line that is redrawn on a terminal, a line every half minute elsewhere. */
export function progressTo(stream: NodeJS.WriteStream): { show(text: string): void; done(): void } {
  let last = 0;
  let drawn = false;
  return {
    show(text) {
      const now = Date.now();
      if (now - last < (stream.isTTY ? 100 : 30_000)) return;
      last = now;
      drawn = stream.isTTY;
      stream.write(stream.isTTY ? `\r\x1b[2K${text.slice(0, (stream.columns ?? 100) - 1)}` : `${text}\n`);
    },
    done() {
      if (drawn) stream.write('\r\x1b[2K');
      drawn = false;
      last = 0;
    },
  };
}

/** An experiment's progress in one line: share, time left, what came from the cache, what it cost. */
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
