import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ResiftError } from '@resift/core';

/** How common each term is in the passages that the models were trained on. */
export interface Lexicon {
  readonly documents: number;
  /** Terms in a document, on average. */
  readonly averageLength: number;
  /** Number of documents with the term (lower-cased and stemmed as the models' FEATURES.md says); 0 for one that is not listed. */
  df(term: string): number;
}

/** Far above what is shipped (1 MB): a damaged or foreign file must not fill the memory. */
const MOST_BYTES = 64 * 1024 * 1024;
const expand = promisify(gunzip);

/** Reads a `lexicon.json.gz`: `{ documents, averageLength, df: { term: count } }`. Throws `corrupt` when it is not one. */
export async function readLexicon(file: Uint8Array): Promise<Lexicon> {
  let content: unknown;
  try {
    content = JSON.parse((await expand(file, { maxOutputLength: MOST_BYTES })).toString('utf8'));
  } catch (cause) {
    throw corrupt('it is not gzipped JSON', cause);
  }
  const { documents, averageLength, df } = (content ?? {}) as Record<string, unknown>;
  if (typeof documents !== 'number' || !(documents > 0)) throw corrupt('`documents` is not a number above 0');
  if (typeof averageLength !== 'number' || !(averageLength > 0)) throw corrupt('`averageLength` is not a number above 0');
  if (typeof df !== 'object' || df === null) throw corrupt('`df` is not an object');
  const counts = new Map<string, number>(Object.entries(df));
  for (const [term, count] of counts) {
    if (!Number.isInteger(count) || count < 0 || count > documents) throw corrupt(`the count of ${JSON.stringify(term)} is ${count}`);
  }
  return { documents, averageLength, df: (term) => counts.get(term) ?? 0 };
}

function corrupt(what: string, cause?: unknown) {
  return new ResiftError('corrupt', `Cannot read the lexicon: ${what}. Install the package again.`, {
    cause,
    details: { file: 'lexicon.json.gz' },
  });
}
