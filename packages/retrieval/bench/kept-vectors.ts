import { existsSync } from 'node:fs';
import { mkdir, open, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { onGrid, type TokenEmbedder } from '@resift/core';

export interface KeptVectors {
  /** The embedder, with the documents' vectors read from disk. */
  readonly embedder: TokenEmbedder;
  readonly tokens: number;
  readonly encodeMs: number;
}

const BATCH = 32;

/** Encodes the texts once and keeps their vectors in a folder; an encoding that was cut off goes on where it stopped. */
export async function keptVectors(
  folder: string,
  texts: readonly string[],
  embedder: TokenEmbedder,
  onProgress: (done: number) => void,
): Promise<KeptVectors> {
  await mkdir(folder, { recursive: true });
  const size = embedder.tokenDimensions;
  const record = size + 4; // int8 numbers, and a float32 scale
  const [vectorsPath, countsPath] = [join(folder, 'vectors.bin'), join(folder, 'counts.bin')];
  for (const path of [vectorsPath, countsPath]) await (await open(path, 'a')).close();
  const known = await readFile(countsPath);
  const counts = [...new Uint32Array(known.buffer, known.byteOffset, known.length >> 2)].slice(0, texts.length);
  if (counts.length < texts.length) {
    await truncate(countsPath, 4 * counts.length);
    await truncate(vectorsPath, record * sum(counts));
  }

  const began = performance.now();
  const [vectors, countsFile] = [await open(vectorsPath, 'a+'), await open(countsPath, 'a')];
  for (let from = counts.length; from < texts.length; from += BATCH) {
    const { encodings } = await embedder.encode(texts.slice(from, from + BATCH), 'document');
    const parts = encodings.flatMap((encoding) => {
      const { count, data, scales } = onGrid(encoding!.tokens);
      counts.push(count);
      return [
        new Uint8Array(scales.buffer, scales.byteOffset, scales.byteLength),
        new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      ];
    });
    await vectors.writeFile(Buffer.concat(parts));
    await countsFile.writeFile(new Uint8Array(Uint32Array.from(counts.slice(from)).buffer));
    onProgress(counts.length);
  }
  await countsFile.close();
  const encodeMs = performance.now() - began;

  const starts = new Float64Array(texts.length + 1);
  for (const [i, count] of counts.entries()) starts[i + 1] = starts[i]! + record * count;
  const positions = new Map(texts.map((text, i) => [text, i]));
  if (!existsSync(vectorsPath)) throw new Error(`${vectorsPath} is gone.`);

  async function read(text: string) {
    const position = positions.get(text)!;
    const count = counts[position]!;
    const buffer = new Uint8Array(record * count);
    await vectors.read(buffer, 0, buffer.length, starts[position]!);
    const tokens = {
      count,
      dimensions: size,
      scales: new Float32Array(buffer.buffer, 0, count),
      data: new Int8Array(buffer.buffer, 4 * count),
    };
    return { sentence: new Float32Array(0), tokens, truncated: false };
  }
  return {
    embedder: {
      ...embedder,
      encode: async (asked, kind, options) =>
        kind === 'query' ? embedder.encode(asked, kind, options) : { encodings: await Promise.all(asked.map(read)), usage: {} },
    },
    tokens: sum(counts),
    encodeMs,
  };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, value) => total + value, 0);
