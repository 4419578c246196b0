import { reachable } from './ask.ts';

export interface Sliding {
  readonly window: number;
  readonly stride: number;
  readonly top: number | 'all';
}

/**
 * Where each window starts, in the order of the calls: from the bottom up, the last one always at the first place that is still open. One pass puts the best
 * `window - stride` in place; the next leaves those alone. No window for fewer than two passages.
 */
export function windowPlan(length: number, { window, stride, top }: Sliding): number[] {
  const settledByPass = window - stride;
  const wanted = Math.min(top === 'all' ? length : top, length);
  const starts: number[] = [];
  for (let settled = 0; settled < wanted && length - settled >= 2; settled += settledByPass) {
    for (let start = length - window; start > settled; start -= stride) starts.push(start);
    starts.push(settled);
    if (length - settled <= window) break; // the last window showed all that was open
  }
  return starts;
}

/** How many passages, from the front, the budget reaches: every window is taken as the dearest one. */
export function windowsWithin(
  length: number,
  sliding: Sliding,
  budget: number | undefined,
  tokens: { readonly frame: number; readonly passages: readonly number[] },
): number {
  return reachable(length, budget, (candidates) => {
    const dearest = tokens.passages
      .slice(0, candidates)
      .sort((a, b) => b - a)
      .slice(0, sliding.window);
    return windowPlan(candidates, sliding).length * (tokens.frame + dearest.reduce((sum, count) => sum + count, 0));
  });
}
