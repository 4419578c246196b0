import { ResiftError } from '@resift/core';

export interface Deadlines {
  /** Aborts with the caller's own reason, or with a `timeout` error that names the stage. */
  readonly signal: AbortSignal;
  /** Begins a stage: it ends with the next one. */
  stage(name: string, ms: number): void;
  /** Clears every timer. Aborts what still runs. */
  end(): void;
}

/** A signal that follows the caller's and has a time limit for the whole and for each stage. */
export function startDeadlines(totalMs: number, caller: AbortSignal | undefined, what: string): Deadlines {
  const controller = new AbortController();
  const giveUp = (stage: string, ms: number) => () =>
    controller.abort(new ResiftError('timeout', `${what} took more than ${ms} ms (${stage}).`, { details: { stage, timeoutMs: ms } }));
  const follow = () => controller.abort(caller?.reason);
  if (caller?.aborted) follow();
  else caller?.addEventListener('abort', follow, { once: true });
  const total = setTimeout(giveUp('total', totalMs), totalMs);
  let current: NodeJS.Timeout | undefined;
  return {
    signal: controller.signal,
    stage(name, ms) {
      clearTimeout(current);
      current = setTimeout(giveUp(name, ms), ms);
    },
    end() {
      clearTimeout(total);
      clearTimeout(current);
      caller?.removeEventListener('abort', follow);
      controller.abort(new ResiftError('unavailable', `${what} was left.`));
    },
  };
}
