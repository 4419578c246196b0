import { Index, type Table } from '@lancedb/lancedb';

/** The index over the vectors of a large collection (inverted lists of the exact vectors, IVF). */
export interface VectorIndex {
  /** Lists that a search looks at. */
  readonly probes: number;
  /** Makes the index where there are passages enough, and makes it anew where there are twice as many as it was made for: new rows join old lists, whose number stays. */
  update(passages: number): Promise<void>;
}

/** The share of the lists that a search looks at: recall@100 is .988 over 100,000 real passages (`apps/api/bench/large-collection.ts`; .964 with .4 of a third of the lists). */
const PROBED = 0.5;
/** Its name says for how many passages the index was made. */
const NAME = /^vector_(\d+)$/;

/** `from`: passages from which on there is an index. */
export async function openVectorIndex(table: Table, from: number): Promise<VectorIndex> {
  let made = Math.max(0, ...(await known(table)).map(({ passages }) => passages));

  return {
    get probes() {
      return Math.ceil(PROBED * lists(made));
    },
    async update(passages) {
      if (passages < from || passages < 2 * made) return;
      const before = await known(table);
      const config = Index.ivfFlat({ distanceType: 'dot', numPartitions: lists(passages), maxIterations: 20 });
      await table.createIndex('vector', { config, name: `vector_${passages}` });
      made = passages;
      for (const { name } of before) if (name !== `vector_${passages}`) await table.dropIndex(name);
    },
  };
}

async function known(table: Table): Promise<{ readonly name: string; readonly passages: number }[]> {
  const all = await table.listIndices();
  return all.flatMap(({ name, columns }) => (columns[0] === 'vector' ? [{ name, passages: Number(NAME.exec(name)?.[1] ?? 0) }] : []));
}

function lists(passages: number): number {
  return Math.max(16, Math.round(0.75 * Math.sqrt(passages)));
}
