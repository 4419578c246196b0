import { breaths } from '../internal/breaths.ts';
import { products } from './products.ts';
import type { SearchEffort } from './search-effort.ts';
import type { DecodingCodec, LoadedPart } from './snapshot.ts';
import { topPositions } from './top-positions.ts';

export interface Found {
  readonly part: number;
  readonly slot: number;
  /** MaxSim: the mean over the query's tokens of each one's best product with a token of the document. */
  readonly score: number;
}

export interface SearchResult {
  /** Best first. */
  readonly found: Found[];
  /** Documents that share a probed centroid with the query, and those of them whose token vectors were read. */
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

interface Place {
  readonly part: number;
  readonly slot: number;
}

/** Documents whose token vectors are read at once. */
const READ_AT_ONCE = 16;

/**
 * Finds the documents of the greatest MaxSim as PLAID does: candidates by their centroids, a rough score from the centroids that matter,
 * one from all, and at the end the token vectors themselves. Where there are fewer candidates than may be scored exactly (a small index, a filter that few
 * documents pass), all documents are candidates.
 */
export async function searchParts(
  parts: readonly LoadedPart[],
  codec: DecodingCodec,
  { query, topK, effort, accepts = () => true, signal }: SearchRequest,
): Promise<SearchResult> {
  const { size, centroids } = codec;
  const rows = query.length / size;
  const breathe = breaths();
  const pause = async () => {
    await breathe();
    signal?.throwIfAborted();
  };
  if (rows === 0 || topK === 0) return { found: [], candidates: 0, exact: 0 };

  const similar = products(centroids, query, size);
  await pause();
  let places = await candidatesOf(parts, probed(similar, rows, effort.probes), accepts);
  if (places.length < effort.exact) places = everything(parts, accepts);
  const candidates = places.length;

  if (places.length > effort.candidates) places = await narrowed(effort.candidates, surviving(similar, rows, effort.threshold));
  if (places.length > effort.exact) places = await narrowed(effort.exact);
  const found = await scoreExactly();
  return { found, candidates, exact: places.length };

  async function narrowed(most: number, survives?: Uint8Array): Promise<Place[]> {
    const scores = new Float64Array(places.length);
    const best = new Float32Array(rows);
    for (let i = 0; i < places.length; i++) {
      const { codes, tokenStarts } = parts[places[i]!.part]!.data;
      const { slot } = places[i]!;
      scores[i] = roughScore(codes, tokenStarts[slot]!, tokenStarts[slot + 1]!, similar, best, survives);
      if (i % 64 === 63) await pause();
    }
    return topPositions(scores, most)
      .sort((a, b) => a - b)
      .map((i) => places[i]!);
  }

  async function scoreExactly(): Promise<Found[]> {
    const scored: Found[] = [];
    for (let from = 0; from < places.length; from += READ_AT_ONCE) {
      const some = places.slice(from, from + READ_AT_ONCE);
      const residuals = await Promise.all(some.map(({ part, slot }) => parts[part]!.data.residuals(slot)));
      for (const [i, { part, slot }] of some.entries()) {
        const { codes, tokenStarts } = parts[part]!.data;
        const document = codec.decode(codes.subarray(tokenStarts[slot], tokenStarts[slot + 1]), residuals[i]!);
        scored.push({ part, slot, score: maxSim(products(document, query, size), rows) });
      }
      await pause();
    }
    const id = ({ part, slot }: Found) => parts[part]!.data.ids[slot]!;
    return scored.sort((a, b) => b.score - a.score || (id(a) < id(b) ? -1 : 1)).slice(0, topK);
  }
}

/** The nearest centroids of every query token; `similar` has a row for each centroid. */
function probed(similar: Float32Array, rows: number, probes: number): Set<number> {
  const all = new Set<number>();
  const count = similar.length / rows;
  const column = new Float64Array(count);
  for (let row = 0; row < rows; row++) {
    for (let centroid = 0; centroid < count; centroid++) column[centroid] = similar[centroid * rows + row]!;
    for (const centroid of topPositions(column, probes)) all.add(centroid);
  }
  return all;
}

/** 1 for each centroid that is at least so similar to some query token. */
function surviving(similar: Float32Array, rows: number, threshold: number): Uint8Array {
  const survives = new Uint8Array(similar.length / rows);
  for (let i = 0; i < similar.length; i++) if (similar[i]! >= threshold) survives[Math.floor(i / rows)] = 1;
  return survives;
}

async function candidatesOf(
  parts: readonly LoadedPart[],
  centroids: ReadonlySet<number>,
  accepts: (part: LoadedPart, slot: number) => boolean,
): Promise<Place[]> {
  const places: Place[] = [];
  for (const [part, loaded] of parts.entries()) {
    const { data, deleted } = loaded;
    const marks = new Uint8Array(data.ids.length);
    const lists = await Promise.all([...centroids].map((centroid) => data.list(centroid)));
    for (const list of lists) for (const slot of list) marks[slot] = 1;
    for (let slot = 0; slot < marks.length; slot++) {
      if (marks[slot] === 1 && !deleted.has(slot) && accepts(loaded, slot)) places.push({ part, slot });
    }
  }
  return places;
}

function everything(parts: readonly LoadedPart[], accepts: (part: LoadedPart, slot: number) => boolean): Place[] {
  return parts.flatMap((loaded, part) =>
    loaded.data.ids.flatMap((_, slot) => (loaded.deleted.has(slot) || !accepts(loaded, slot) ? [] : [{ part, slot }])),
  );
}

/** MaxSim with each token's centroid in its place, over the tokens whose centroid survives. */
function roughScore(codes: Uint16Array, from: number, to: number, similar: Float32Array, best: Float32Array, survives?: Uint8Array) {
  const rows = best.length;
  best.fill(-Infinity);
  for (let token = from; token < to; token++) {
    const code = codes[token]!;
    if (survives && survives[code] === 0) continue;
    const at = code * rows;
    for (let row = 0; row < rows; row++) if (similar[at + row]! > best[row]!) best[row] = similar[at + row]!;
  }
  let sum = 0;
  for (let row = 0; row < rows; row++) sum += best[row]!;
  return sum;
}

function maxSim(table: Float32Array, rows: number): number {
  if (table.length === 0) return 0;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    let best = -Infinity;
    for (let at = row; at < table.length; at += rows) if (table[at]! > best) best = table[at]!;
    sum += best;
  }
  return sum / rows;
}
