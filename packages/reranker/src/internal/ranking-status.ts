import type { RankingStatus, RerankReason } from '@resift/core';

/** What became of a window of candidates of which `scored` got a score. A reason is given only where some did not. */
export function rankingStatus(
  window: number,
  scored: number,
  { reason, invalid = 0, cacheHits = 0 }: { reason?: RerankReason | undefined; invalid?: number; cacheHits?: number } = {},
): RankingStatus {
  const status = scored === window ? 'applied' : scored > 0 ? 'partial' : 'skipped';
  return { status, ...(reason && status !== 'applied' && { reason }), window, scored, invalid, cacheHits };
}
