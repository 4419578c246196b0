import { ResiftError, untilAborted } from '@resift/core';

/**
 * Runs `work` with a signal that aborts with the caller's signal, or after `budgetMs` with a `timeout` error; waits no longer than that even where the work
 * does not listen. The timer and the listener are gone when it ends. Without a budget only the caller's signal counts.
 */
export async function within<T>(
  budgetMs: number | undefined,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const pass = () => controller.abort(signal?.reason);
  signal?.addEventListener('abort', pass, { once: true });
  const late = () =>
    controller.abort(new ResiftError('timeout', `No answer within ${budgetMs} ms.`, { details: { reason: 'deadline', budgetMs } }));
  const timer = budgetMs === undefined ? undefined : setTimeout(late, budgetMs);
  try {
    return await untilAborted(work(controller.signal), controller.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', pass);
  }
}

/** A budget in milliseconds: finite and above 0. */
export function checkBudget(budgetMs: number | undefined): void {
  if (budgetMs === undefined || (Number.isFinite(budgetMs) && budgetMs > 0)) return;
  throw new ResiftError('invalid_config', `Expected a budget of more than 0 milliseconds, got ${budgetMs}.`);
}
