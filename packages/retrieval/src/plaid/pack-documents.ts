import type { Document, Metadata } from '@resift/core';
import { metadataTags } from '../filter.ts';
import { type Codec, encodeResiduals } from './codec.ts';
import type { EncodedDocument } from './encode-documents.ts';
import type { Nearest } from './nearest.ts';
import type { SegmentDocument } from './segment-writer.ts';

/** What an index keeps and gives back; whatever else a document holds must be JSON too. */
export type PlaidDocument = Document & { readonly title?: string | undefined; readonly metadata?: Metadata | undefined };

/** Tokens whose centroids are looked for at once. */
const TOGETHER = 4_096;

/** Turns token vectors into what a segment keeps, in the order given. */
export async function* packDocuments<D extends PlaidDocument>(
  encoded: AsyncIterable<EncodedDocument<D>>,
  codec: Codec,
  nearest: Nearest,
): AsyncGenerator<SegmentDocument, void, undefined> {
  let group: EncodedDocument<D>[] = [];
  let length = 0;
  for await (const next of encoded) {
    group.push(next);
    length += next.rows.length;
    if (length < TOGETHER * codec.size) continue;
    yield* await pack(group, length, codec, nearest);
    group = [];
    length = 0;
  }
  yield* await pack(group, length, codec, nearest);
}

async function pack<D extends PlaidDocument>(group: readonly EncodedDocument<D>[], length: number, codec: Codec, nearest: Nearest) {
  const all = new Float32Array(length);
  let at = 0;
  for (const { rows } of group) {
    all.set(rows, at);
    at += rows.length;
  }
  const codes = await nearest(all);
  let token = 0;
  return group.map(({ document, rows }): SegmentDocument => {
    const own = codes.slice(token, token + rows.length / codec.size);
    token += own.length;
    return {
      id: document.id,
      tags: metadataTags(document.metadata),
      text: Buffer.from(JSON.stringify(document)),
      codes: own,
      residuals: encodeResiduals(codec, rows, own),
    };
  });
}
