import { breaths } from '../internal/breaths.ts';
import { type Multiply, products } from './products.ts';
import { unitRows } from './unit-rows.ts';

export interface NearestOptions {
  /** Default: `products`. */
  readonly multiply?: Multiply | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** For each row the position of the centroid with the greatest dot product. */
export type Nearest = (rows: Float32Array) => Promise<Uint16Array>;

/** Rows that are compared at once. */
const CHUNK = 4_096;
/** Of the groups of centroids, so many are searched: of clustered token vectors more than 95 % then get the very nearest centroid, the rest one about as near. */
const GROUPS_SEARCHED = 8;
/** Fewer centroids are all compared. */
const LEAST_GROUPED = 256;

/**
 * Finds nearest centroids in two steps: first the nearest groups of centroids (about the square root of their number), then the best centroid
 * within them. A tenth of the work of comparing all.
 */
export async function nearestCentroid(
  centroids: Float32Array,
  size: number,
  { multiply = products, signal }: NearestOptions = {},
): Promise<Nearest> {
  const groups = await grouped(centroids, size, multiply);
  const breathe = breaths();

  async function nearestOf(rows: Float32Array): Promise<Uint16Array> {
    const count = rows.length / size;
    const best = new Float32Array(count).fill(-Infinity);
    const nearest = new Uint16Array(count);
    const near = groups.centres ? closest(await multiply(rows, groups.centres, size), count, GROUPS_SEARCHED) : undefined;
    for (const [group, { members, table }] of groups.list.entries()) {
      const asking = near ? near[group]! : Array.from({ length: count }, (_, i) => i);
      if (asking.length === 0) continue;
      const found = await multiply(near ? gather(rows, asking, size) : rows, table, size);
      for (let i = 0; i < asking.length; i++) {
        const row = asking[i]!;
        const from = i * members.length;
        for (let j = 0; j < members.length; j++) {
          const score = found[from + j]!;
          if (score > best[row]!) {
            best[row] = score;
            nearest[row] = members[j]!;
          }
        }
      }
      await breathe();
      signal?.throwIfAborted();
    }
    return nearest;
  }

  return async (rows) => {
    const result = new Uint16Array(rows.length / size);
    for (let from = 0; from < result.length; from += CHUNK) {
      result.set(await nearestOf(rows.subarray(from * size, (from + CHUNK) * size)), from);
    }
    return result;
  };
}

interface Groups {
  /** Undefined where there is one group only. */
  readonly centres?: Float32Array;
  readonly list: readonly { readonly members: Uint32Array; readonly table: Float32Array }[];
}

/** One step of k-means over the centroids themselves. */
async function grouped(centroids: Float32Array, size: number, multiply: Multiply): Promise<Groups> {
  const count = centroids.length / size;
  if (count < LEAST_GROUPED) return { list: [{ members: Uint32Array.from({ length: count }, (_, i) => i), table: centroids }] };
  const wanted = Math.round(Math.sqrt(count));
  const seeds = gather(
    centroids,
    Array.from({ length: wanted }, (_, i) => Math.floor((i * count) / wanted)),
    size,
  );
  const lists = closest(await multiply(centroids, seeds, size), count, 1).filter((members) => members.length > 0);
  const centres = new Float32Array(lists.length * size);
  const list = lists.map((members, group) => {
    const table = gather(centroids, members, size);
    for (let k = 0; k < table.length; k++) centres[group * size + (k % size)]! += table[k]!;
    return { members: Uint32Array.from(members), table };
  });
  unitRows(centres, size);
  return { centres, list };
}

/** For each column the rows that have it among their `most` greatest. */
function closest(table: Float32Array, rows: number, most: number): number[][] {
  const columns = table.length / rows;
  const lists: number[][] = Array.from({ length: columns }, () => []);
  const best = new Int32Array(most);
  for (let row = 0; row < rows; row++) {
    const from = row * columns;
    let found = 0;
    for (let column = 0; column < columns; column++) {
      const score = table[from + column]!;
      if (found === most && score <= table[from + best[most - 1]!]!) continue;
      let place = found < most ? found++ : most - 1;
      while (place > 0 && table[from + best[place - 1]!]! < score) {
        best[place] = best[place - 1]!;
        place -= 1;
      }
      best[place] = column;
    }
    for (let i = 0; i < found; i++) lists[best[i]!]!.push(row);
  }
  return lists;
}

function gather(table: Float32Array, rows: readonly number[], size: number): Float32Array {
  const picked = new Float32Array(rows.length * size);
  for (const [i, row] of rows.entries()) picked.set(table.subarray(row * size, (row + 1) * size), i * size);
  return picked;
}
