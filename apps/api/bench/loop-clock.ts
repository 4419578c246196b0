import { readFileSync } from 'node:fs';
import { quantile } from './quantile.ts';

/** How late timers of this thread were, 99th percentile, in milliseconds: by the clock, and by the processor time that the thread itself used meanwhile. */
export interface LoopLag {
  readonly clock: number;
  /** What the lag would be on a machine that does nothing else; NaN where there is no /proc. */
  readonly own: number;
}

const EVERY_MS = 5;

/**
 * Watches the event loop. On a machine that others use, most of the lag by the clock is a wait for a processor, which no program can mend; what the thread computed between two timers
 * is its own. `read` gives what was since the last one.
 */
export function loopClock(): { read(): LoopLag } {
  let clock: number[] = [];
  let own: number[] = [];
  let [at, used] = [performance.now(), threadMs()];
  setInterval(() => {
    const [now, usedNow] = [performance.now(), threadMs()];
    clock.push(Math.max(0, now - at - EVERY_MS));
    own.push(Math.max(0, usedNow - used));
    [at, used] = [now, usedNow];
  }, EVERY_MS).unref();

  return {
    read() {
      const lag = { clock: quantile(clock, 0.99), own: quantile(own, 0.99) };
      clock = [];
      own = [];
      return lag;
    },
  };
}

/** Processor time of the main thread so far. */
function threadMs(): number {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return Number.NaN;
  }
}
