import { ResiftError } from '@resift/core';

/** One request from its first byte to its last, streams included. */
export interface Work {
  /** Aborts when the client leaves, the deadline passes or the server stops; its reason says which. */
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  /** Moves the deadline to `ms` from now; `undefined` removes it. */
  deadline(ms: number | undefined): void;
  /** Counts as in flight until the returned function is called. */
  hold(): () => void;
}

export interface Lifecycle {
  readonly draining: boolean;
  readonly inflight: number;
  begin(client: AbortSignal): Work;
  /** From now on nothing new is let in. */
  drain(): void;
  /** Aborts everything that still runs; streams end with `error{code: shutdown}`. */
  stop(): void;
  /** Resolves when nothing is in flight. */
  idle(): Promise<void>;
}

export const shutdownError = (): ResiftError =>
  new ResiftError('unavailable', 'The server is shutting down. Try again in a moment.', {
    details: { shutdown: true, retryAfterMs: 5_000 },
  });

export function createLifecycle(): Lifecycle {
  const running = new Set<Work>();
  const waiting: (() => void)[] = [];
  let draining = false;

  function end(work: Work) {
    running.delete(work);
    if (running.size === 0) for (const resolve of waiting.splice(0)) resolve();
  }

  return {
    get draining() {
      return draining;
    },
    get inflight() {
      return running.size;
    },
    begin(client) {
      // One controller each instead of AbortSignal.any: that keeps every request alive as long as a long-lived signal lives (Node 20).
      const controller = new AbortController();
      const leave = () => controller.abort(client.reason);
      if (client.aborted) leave();
      else client.addEventListener('abort', leave, { once: true });

      let timer: NodeJS.Timeout | undefined;
      let holders = 0;
      const work: Work = {
        signal: controller.signal,
        abort: (reason) => controller.abort(reason),
        deadline(ms) {
          clearTimeout(timer);
          if (ms === undefined) return;
          timer = setTimeout(() => controller.abort(tooLate(ms)), ms);
          timer.unref();
        },
        hold() {
          holders += 1;
          let held = true;
          return () => {
            if (!held) return;
            held = false;
            holders -= 1;
            if (holders > 0) return;
            clearTimeout(timer);
            client.removeEventListener('abort', leave);
            end(work);
          };
        },
      };
      running.add(work);
      return work;
    },
    drain() {
      draining = true;
    },
    stop() {
      draining = true;
      for (const work of running) work.abort(shutdownError());
    },
    idle: () => (running.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}

const tooLate = (ms: number) =>
  new ResiftError('timeout', `The request took longer than ${ms / 1000} s. Ask for less, or try again later.`);
