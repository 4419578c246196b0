import { breaths } from '../internal/breaths.ts';
import type { Codec } from './codec.ts';
import { products } from './products.ts';
import { type DocumentScorer, scoreDocuments } from './score-documents.ts';
import type { SearchEffort } from './search-effort.ts';
import type { LoadedPart } from './snapshot.ts';
import { topPositions } from './top-positions.ts';

interface Place {
  readonly part: number;
  readonly slot: number;
}

export interface Found extends Place {
  /** MaxSim: the mean over the query's tokens of each one's best product with a token of the document. */
  readonly score: number;
}

export interface SearchResult {
  /** Best first. */
  readonly found: Found[];
  /** Documents that got a rough score, and those of them whose token vectors were read. */
  readonly candidates: number;
  readonly exact: number;
}

export interface SearchRequest {
  /** Token vectors of the query, row by row. */
  readonly query: Float32Array;
  readonly topK: number;
  readonly effort: SearchEffort;
  /** Whether a document may be found. */
  readonly accepts?: ((part: LoadedPart, slot: number) => boolean) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Documents that may be found: `parts[i]` and `slots[i]` say where the one is. */
interface Candidates {
  readonly parts: Uint32Array;
  readonly slots: Uint32Array;
}

/** Of so many times those asked for the score is refined, where the index keeps what that takes. */
const REFINED = 1.3;
/** Documents whose token vectors are read at once, while those before are scored. */
const READ_AT_ONCE = 32;

/**
 * Finds the documents of the greatest MaxSim as PLAID does: each gets a rough score from the centroids of its tokens, and the token vectors of the best of them are read and scored.
 * In a large index only documents near a token of the query get the rough score; where those are fewer than may be scored exactly (a filter that few pass), all do.
 */
export async function searchParts(
  parts: readonly LoadedPart[],
  codec: Codec,
  { query, topK, effort, accepts = () => true, signal }: SearchRequest,
): Promise<SearchResult> {
  const { size, centroids } = codec;
  const rows = query.length / size;
  if (rows === 0 || topK === 0) return { found: [], candidates: 0, exact: 0 };
  const breathe = breaths();
  const similar = products(centroids, query, size);
  let all: Candidates | undefined;
  if (effort.probes < centroids.length / size) {
    const probing = await probed(parts, similar, rows, effort.probes, accepts);
    if (probing.slots.length >= effort.exact) all = probing;
  }
  all ??= listed(parts, accepts);
  signal?.throwIfAborted();

  const scorer = scoreDocuments(codec, query, similar);
  try {
    const scores = new Float64Array(all.slots.length);
    for (let i = 0; i < scores.length; i++) {
      scores[i] = scorer.rough(codesOf(parts[all.parts[i]!]!, all.slots[i]!));
      if (i % 64 !== 63) continue;
      await breathe();
      signal?.throwIfAborted();
    }
    const best = topPositions(scores, effort.exact).sort((a, b) => a - b);
    const places = best.map((i) => ({ part: all.parts[i]!, slot: all.slots[i]! }));
    const progress = { breathe, signal };
    let found = await scored(parts, places, scorer.exact, progress);
    const id = ({ part, slot }: Place) => parts[part]!.data.ids[slot]!;
    const sorted = () => found.sort((a, b) => b.score - a.score || (id(a) < id(b) ? -1 : 1));
    if (scorer.refined) found = await scored(parts, sorted().slice(0, Math.ceil(REFINED * topK)), scorer.refined, progress);
    return {
      found: sorted()
        .slice(0, topK)
        .map((one) => ({ ...one, score: one.score / rows })),
      candidates: scores.length,
      exact: best.length,
    };
  } finally {
    scorer.release();
  }
}

/** Reads what is kept of each document's tokens and scores it. */
async function scored(
  parts: readonly LoadedPart[],
  places: readonly Place[],
  score: DocumentScorer['exact'],
  { breathe, signal }: { readonly breathe: () => Promise<void> | undefined; readonly signal: AbortSignal | undefined },
): Promise<Found[]> {
  const read = (from: number) => {
    const some = places.slice(from, from + READ_AT_ONCE);
    const reading = Promise.all(some.map(({ part, slot }) => parts[part]!.data.residuals(slot)));
    reading.catch(() => {}); // whoever awaits it hears of it
    return reading;
  };
  const found: Found[] = [];
  let next = read(0);
  for (let from = 0; from < places.length; from += READ_AT_ONCE) {
    const residuals = await next;
    next = read(from + READ_AT_ONCE);
    for (const [k, bytes] of residuals.entries()) {
      const { part, slot } = places[from + k]!;
      found.push({ part, slot, score: score(codesOf(parts[part]!, slot), bytes) });
      await breathe();
    }
    signal?.throwIfAborted();
  }
  return found;
}

function codesOf({ data }: LoadedPart, slot: number): Uint16Array {
  return data.codes.subarray(data.tokenStarts[slot], data.tokenStarts[slot + 1]);
}

/** Every document that is there and passes. */
function listed(parts: readonly LoadedPart[], passes: (part: LoadedPart, slot: number) => boolean): Candidates {
  const most = parts.reduce((sum, { data }) => sum + data.ids.length, 0);
  const [inPart, slots] = [new Uint32Array(most), new Uint32Array(most)];
  let count = 0;
  for (const [part, loaded] of parts.entries()) {
    for (let slot = 0; slot < loaded.data.ids.length; slot++) {
      if (loaded.deleted.has(slot) || !passes(loaded, slot)) continue;
      inPart[count] = part;
      slots[count++] = slot;
    }
  }
  return { parts: inPart.subarray(0, count), slots: slots.subarray(0, count) };
}

/** Documents with a token at one of the nearest centroids of a query token; `similar` has a row for each centroid. */
async function probed(
  parts: readonly LoadedPart[],
  similar: Float32Array,
  rows: number,
  probes: number,
  accepts: (part: LoadedPart, slot: number) => boolean,
): Promise<Candidates> {
  const near = new Set<number>();
  const column = new Float64Array(similar.length / rows);
  for (let row = 0; row < rows; row++) {
    for (let centroid = 0; centroid < column.length; centroid++) column[centroid] = similar[centroid * rows + row]!;
    for (const centroid of topPositions(column, probes)) near.add(centroid);
  }
  const marked = new Map<LoadedPart, Uint8Array>();
  for (const part of parts) {
    const marks = new Uint8Array(part.data.ids.length);
    marked.set(part, marks);
    for (const list of await Promise.all([...near].map((centroid) => part.data.list(centroid)))) for (const slot of list) marks[slot] = 1;
  }
  return listed(parts, (part, slot) => marked.get(part)![slot] === 1 && accepts(part, slot));
}
