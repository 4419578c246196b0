import { ResiftError, untilAborted } from '@resift/core';
import PQueue from 'p-queue';

/** A queue before what takes time. Work is admitted whole or not at all, by its size: the number of query-document pairs of a rerank, 1 of a search. */
export interface Admission {
  /** How much waits for its turn. */
  readonly depth: number;
  /**
   * Runs `work` when its turn comes and tells it how long it waited. Throws `overloaded` at once, with `details.retryAfterMs`,
   * where the predicted wait is longer than `waitMs` or too many requests wait already.
   */
  run<T>(size: number, options: AdmissionOptions, work: (waitedMs: number) => Promise<T>): Promise<T>;
}

export interface AdmissionOptions {
  readonly waitMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface AdmissionLimits {
  /** How many run at the same time. */
  readonly concurrency: number;
  readonly queuedRequests: number;
  readonly onReject?: ((reason: 'queue_full' | 'predicted_wait') => void) | undefined;
  readonly onWait?: ((milliseconds: number) => void) | undefined;
  readonly now?: (() => number) | undefined;
}

/** How much the newest measurement counts in the running rate. */
const NEWEST = 0.3;

export function createAdmission({
  concurrency,
  queuedRequests,
  onReject,
  onWait,
  now = () => performance.now(),
}: AdmissionLimits): Admission {
  const queue = new PQueue({ concurrency });
  let waiting = 0;
  let running = 0;
  /** Size per millisecond over all slots. Unknown until something was measured: then everything is let in up to `queuedRequests`. */
  let rate: number | undefined;

  const predicted = () => (rate === undefined || queue.pending < concurrency ? 0 : (waiting + running / 2) / rate);

  return {
    get depth() {
      return waiting;
    },
    async run(size, { waitMs, signal }, work) {
      signal?.throwIfAborted();
      const wait = predicted();
      const full = queue.size >= queuedRequests;
      if (full || wait > waitMs) {
        onReject?.(full ? 'queue_full' : 'predicted_wait');
        throw new ResiftError('overloaded', `Too much at once: the wait would be about ${Math.ceil(wait / 1000)} s. Try again later.`, {
          details: { reason: 'overloaded', retryAfterMs: Math.max(1_000, wait - waitMs) },
        });
      }

      const queuedAt = now();
      waiting += size;
      let left = false;
      const leave = () => {
        if (!left) waiting -= size;
        left = true;
      };
      const turn = queue.add(async () => {
        leave();
        signal?.throwIfAborted();
        const startedAt = now();
        onWait?.(startedAt - queuedAt);
        running += size;
        try {
          const result = await work(startedAt - queuedAt);
          const spent = now() - startedAt;
          if (spent > 0 && size > 0) {
            const measured = (size / spent) * concurrency;
            rate = rate === undefined ? measured : rate + NEWEST * (measured - rate);
          }
          return result;
        } finally {
          running -= size;
        }
      });
      // A caller that leaves while it waits gets its answer now; its empty turn passes later.
      return untilAborted(turn, signal).finally(leave);
    },
  };
}

/** Waits for a turn that lasts until the function that comes back is called, or the signal is aborted. Rejects as `run` does. */
export function takeSeat(admission: Admission, options: AdmissionOptions): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const sat = () =>
      new Promise<void>((leave) => {
        options.signal?.addEventListener('abort', () => leave(), { once: true });
        resolve(leave);
      });
    admission.run(1, options, sat).catch(reject);
  });
}
