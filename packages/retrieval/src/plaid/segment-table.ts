import { corrupt } from './disk.ts';

/** Where the records of a segment begin, and their CRC-32. Starts have one entry more than there are records: the end of the last. */
export interface SegmentTable {
  /** In bytes. */
  readonly textStarts: Float64Array;
  /** In tokens. */
  readonly tokenStarts: Uint32Array;
  readonly textSums: Uint32Array;
  readonly residualSums: Uint32Array;
  /** Which centroid each list belongs to, rising. */
  readonly listCentroids: Uint32Array;
  /** In entries of four bytes. */
  readonly listStarts: Uint32Array;
  readonly listSums: Uint32Array;
}

export function tableBytes(table: SegmentTable): Uint8Array {
  const parts = [
    table.textStarts,
    table.tokenStarts,
    table.textSums,
    table.residualSums,
    table.listCentroids,
    table.listStarts,
    table.listSums,
  ].map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  return Buffer.concat(parts);
}

/** `bytes` must be what `tableBytes` gave for so many documents and lists. */
export function readTable(bytes: Uint8Array<ArrayBuffer>, documents: number, lists: number, path: string): SegmentTable {
  if (bytes.byteLength !== 8 * (documents + 1) + 4 * (3 * documents + 1 + 3 * lists + 1))
    throw corrupt(path, 'it does not fit the manifest');
  let at = 0;
  const numbers = (count: number) => {
    at += 4 * count;
    return new Uint32Array(bytes.buffer, bytes.byteOffset + at - 4 * count, count);
  };
  at += 8 * (documents + 1);
  return {
    textStarts: new Float64Array(bytes.buffer, bytes.byteOffset, documents + 1),
    tokenStarts: numbers(documents + 1),
    textSums: numbers(documents),
    residualSums: numbers(documents),
    listCentroids: numbers(lists),
    listStarts: numbers(lists + 1),
    listSums: numbers(lists),
  };
}
