import { type Filter, type LegStatus, type Passage, ResiftError, type Scored, untilAborted } from '@resift/core';
import type { SearchParts } from './rag.ts';
import { stopwatch } from './stopwatch.ts';

/** What retrieval did, leg by leg. */
export interface RetrievalStatus {
  readonly legs: Readonly<Record<string, LegStatus>>;
  /** Distinct passages found. */
  readonly found: number;
  readonly elapsedMs: number;
}

/** Asks the retriever once. A passage comes back once, however often it was found; what it lacks as a passage is refused here. */
export async function retrieveCandidates(
  query: string,
  retriever: SearchParts['retriever'],
  options: { readonly topK: number; readonly filter?: Filter | undefined; readonly signal?: AbortSignal | undefined },
): Promise<{ candidates: Scored<Passage>[]; retrieval: RetrievalStatus }> {
  const elapsed = stopwatch();
  options.signal?.throwIfAborted();
  const reporting = 'retrieveWithStatus' in retriever;
  const asked = reporting
    ? retriever.retrieveWithStatus(query, options)
    : retriever.retrieve(query, options).then((results) => ({ results, legs: undefined }));
  const { results, legs } = await untilAborted<{
    results: readonly Scored<Passage>[];
    legs: Readonly<Record<string, LegStatus>> | undefined;
  }>(asked, options.signal);

  const seen = new Set<string>();
  const candidates: Scored<Passage>[] = [];
  for (const result of results) {
    if (typeof result?.document?.text !== 'string') {
      throw new ResiftError('bad_output', `Expected ${retriever.id} to give passages with a text, got ${typeof result?.document}.`);
    }
    if (seen.has(result.document.id)) continue;
    seen.add(result.document.id);
    candidates.push(result);
    if (candidates.length === options.topK) break;
  }

  const elapsedMs = elapsed();
  const own: Record<string, LegStatus> = { [retriever.id]: { status: 'ok', found: candidates.length, elapsedMs } };
  return { candidates, retrieval: { legs: legs ?? own, found: candidates.length, elapsedMs } };
}
