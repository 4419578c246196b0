import { type Backend, postJson, readJson } from '../backend.ts';
import { summary, type Timing } from './timing.ts';

export interface SearchTiming extends Timing {
  readonly preset: string;
  /** Searches in which not every candidate was reranked in time. */
  readonly notApplied: number;
}

interface Listed {
  readonly documents: readonly { readonly id: string; readonly title?: string }[];
}

const PRESETS = ['none', 'fast', 'balanced', 'quality'];

/** Searches a collection as a client would, one after the other, without a reranker and with each preset. Asks for what the documents are about. */
export async function benchSearch(
  backend: Backend,
  { collection, rounds, signal, onStep }: { collection: string; rounds: number; signal: AbortSignal; onStep: (what: string) => void },
): Promise<SearchTiming[]> {
  const path = `/v1/documents?limit=${rounds}&collection=${encodeURIComponent(collection)}`;
  const { documents } = await readJson<Listed>(await backend.request(path, { signal }));
  if (documents.length === 0) return [];
  const queries = documents.map(({ title, id }) => `What is said about ${(title ?? id).slice(0, 200)}?`);

  const timings: SearchTiming[] = [];
  for (const preset of PRESETS) {
    onStep(`searching, ${preset === 'none' ? 'no reranker' : preset}`);
    const taken: number[] = [];
    let notApplied = 0;
    // The first of each preset warms up and is not counted.
    for (const [i, query] of [queries[0]!, ...queries].entries()) {
      signal.throwIfAborted();
      const body = { query, collection, ...(preset === 'none' ? { rerank: false } : { preset }) };
      const started = performance.now();
      const { rerank } = await readJson<{ rerank: { status: string } }>(await backend.request('/v1/search', postJson(body, signal)));
      if (i === 0) continue;
      taken.push(performance.now() - started);
      if (preset !== 'none' && rerank.status !== 'applied') notApplied += 1;
    }
    timings.push({ preset, ...summary(taken), notApplied });
  }
  return timings;
}
