import { breaths } from '../internal/breaths.ts';
import { type Bits, trainCodec } from './codec.ts';
import { writeCodec } from './codec-file.ts';
import type { Disk } from './disk.ts';
import { type EncodedDocument, type Encoding, encodeDocuments } from './encode-documents.ts';
import { fileName, type Manifest } from './manifest.ts';
import { nearestCentroid } from './nearest.ts';
import { type PlaidDocument, packDocuments } from './pack-documents.ts';
import type { Multiply } from './products.ts';
import { sampleTokens, type TokenSample } from './sample-tokens.ts';
import { writeSegment } from './segment-writer.ts';

/** How far a build is: `sample` counts tokens, `train` rounds of k-means, `write` documents. */
export interface PlaidProgress {
  readonly stage: 'sample' | 'train' | 'write';
  readonly done: number;
  readonly total: number;
}

export interface MakeIndex<D extends PlaidDocument> extends Encoding<D> {
  readonly bits: Bits;
  readonly refine: boolean;
  readonly seed: number;
  readonly mostCentroids: number;
  readonly multiply?: Multiply | undefined;
  readonly onProgress?: ((progress: PlaidProgress) => void) | undefined;
}

/** Tokens in the sample for each centroid. */
const SAMPLE_PER_CENTROID = 40;
/** Fewer, and a centroid would describe hardly more than its own sample. */
const LEAST_PER_CENTROID = 8;

/** Trains a codec on a sample and writes all documents as one segment. Nothing is an index yet: that takes `commitManifest`. */
export async function makeIndex<D extends PlaidDocument>(
  disk: Disk,
  generation: number,
  documents: readonly D[],
  { bits, refine, seed, mostCentroids, multiply, onProgress, ...encoding }: MakeIndex<D>,
): Promise<Manifest> {
  const { embedder, signal } = encoding;
  const size = embedder.tokenDimensions;
  const enough = SAMPLE_PER_CENTROID * mostCentroids;
  const sample = await sampleTokens(documents, {
    ...encoding,
    seed,
    tokens: enough,
    onProgress: (tokens) => onProgress?.({ stage: 'sample', done: Math.min(tokens, enough), total: enough }),
  });
  const codec = await trainCodec(sample.rows, size, {
    bits,
    refine,
    centroids: centroidsFor(documents.length, sample, size, mostCentroids),
    seed,
    multiply,
    signal,
    onIteration: (done, total) => onProgress?.({ stage: 'train', done, total }),
  });
  const file = await writeCodec(disk, fileName(generation, 0, 'codec'), codec);

  const nearest = await nearestCentroid(codec.centroids, size, { multiply, signal });
  const entry = await writeSegment(disk, generation, async (segment) => {
    for await (const document of packDocuments(encodedOnce(documents, sample, encoding), codec, nearest)) {
      await segment.add(document);
      onProgress?.({ stage: 'write', done: segment.documents, total: documents.length });
    }
  });
  return {
    format: 1,
    generation,
    embedder: { id: embedder.id, dimensions: size },
    bits,
    refined: refine,
    seed,
    mostCentroids,
    trained: { documents: documents.length, tokens: entry.tokens },
    codec: { file, centroids: codec.centroids.length / size },
    segments: documents.length === 0 ? [] : [entry],
  };
}

/** All documents in their order, each encoded once: what the sample has is not encoded again. */
async function* encodedOnce<D extends PlaidDocument>(
  documents: readonly D[],
  sample: TokenSample,
  encoding: Encoding<D>,
): AsyncGenerator<EncodedDocument<D>> {
  const rest = encodeDocuments(
    documents.filter((_, position) => !sample.rowsOf(position)),
    encoding,
  );
  const breathe = breaths();
  for (const [position, document] of documents.entries()) {
    await breathe();
    encoding.signal?.throwIfAborted();
    const rows = sample.rowsOf(position);
    if (rows) yield { document, rows };
    else yield (await rest.next()).value!;
  }
}

/** A power of two about 16 √tokens, as in ColBERT. */
function centroidsFor(documents: number, sample: TokenSample, size: number, most: number): number {
  const drawn = sample.rows.length / size;
  const tokens = sample.documents === 0 ? 0 : (drawn / sample.documents) * documents;
  const wanted = Math.min(16 * Math.sqrt(tokens), drawn / LEAST_PER_CENTROID, most);
  return 2 ** Math.floor(Math.log2(Math.max(1, wanted)));
}
