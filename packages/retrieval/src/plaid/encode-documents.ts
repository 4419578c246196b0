import { type Document, offGrid, ResiftError, type TextEncoding, type TokenEmbedder } from '@resift/core';

/** A document with its token vectors, row by row. */
export interface EncodedDocument<D extends Document = Document> {
  readonly document: D;
  readonly rows: Float32Array;
}

export interface Encoding<D extends Document> {
  readonly embedder: TokenEmbedder;
  readonly textOf: (document: D) => string;
  readonly signal?: AbortSignal | undefined;
}

const BATCH = 64;

/** Encodes in batches, the next one while the caller works on the last. */
export async function* encodeDocuments<D extends Document>(
  documents: readonly D[],
  { embedder, textOf, signal }: Encoding<D>,
): AsyncGenerator<EncodedDocument<D>, void, undefined> {
  const encode = (from: number) => {
    const texts = documents.slice(from, from + BATCH).map(textOf);
    const encoding = texts.length === 0 ? undefined : embedder.encode(texts, 'document', { signal });
    encoding?.catch(() => {}); // whoever awaits it hears of it
    return encoding;
  };
  let next = encode(0);
  for (let from = 0; from < documents.length; from += BATCH) {
    signal?.throwIfAborted();
    const { encodings } = await next!;
    const batch = documents.slice(from, from + BATCH);
    if (encodings.length !== batch.length) {
      throw new ResiftError('bad_output', `${embedder.id} gave ${encodings.length} encodings for ${batch.length} texts.`);
    }
    next = encode(from + BATCH);
    for (const [i, document] of batch.entries()) yield { document, rows: tokenRows(embedder, encodings[i]) };
  }
}

/** The token vectors of one text as float32, checked against what the embedder promised. */
export function tokenRows({ id, tokenDimensions }: TokenEmbedder, encoding: TextEncoding | undefined): Float32Array {
  if (!encoding) throw new ResiftError('bad_output', `${id} left out a text: expected the token vectors of each.`);
  const { count, dimensions } = encoding.tokens;
  const rows = offGrid(encoding.tokens);
  if (dimensions !== tokenDimensions || rows.length !== count * dimensions) {
    throw new ResiftError(
      'bad_output',
      `${id} promised token vectors of ${tokenDimensions} numbers and gave ${rows.length} numbers for ${count} tokens.`,
    );
  }
  if (!rows.every(Number.isFinite)) {
    throw new ResiftError('bad_output', `${id} gave a token vector that holds something that is not a finite number.`);
  }
  return rows;
}
