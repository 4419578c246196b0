import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export const PASSAGES = 100;

/** Queries with 100 MS MARCO passages each, of about 80 tokens. Ends the process with a sentence where the data is not there. */
export function dl21Queries(): { readonly query: string; readonly texts: readonly string[] }[] {
  const path = join(process.env['RESIFT_DATASETS'] ?? join(import.meta.dirname, '../../../../shared/data'), 'rerank/dl21_bm25.jsonl.gz');
  if (!existsSync(path)) {
    console.error(`Not run: the data set is not at ${path}.`);
    process.exit(1);
  }
  return gunzipSync(readFileSync(path))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { query: string; candidates: { text: string }[] })
    .filter(({ candidates }) => candidates.length >= PASSAGES)
    .map(({ query, candidates }) => ({ query, texts: candidates.slice(0, PASSAGES).map(({ text }) => text) }));
}
