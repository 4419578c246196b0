import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const folder = join(process.env['RESIFT_DATASETS'] ?? join(import.meta.dirname, '../../../../shared/data'), 'beir');
const WORDS = 60;

/** Passages of about 60 words out of all texts of the BEIR collections, each once, at most so many. */
export function realPassages(most: number): readonly string[] {
  const passages = new Set<string>();
  for (const { title = '', text } of rows<{ title?: string; text: string }>('corpus')) {
    const words = `${title} ${text}`.split(/\s+/);
    for (let from = 0; from < words.length; from += WORDS) {
      if (passages.size === most) return [...passages];
      passages.add(words.slice(from, from + WORDS).join(' '));
    }
  }
  return [...passages];
}

/** Their questions. */
export const realQuestions = (): readonly string[] => [...new Set([...rows<{ text: string }>('queries')].map(({ text }) => text))];

function* rows<T>(file: string): Generator<T> {
  for (const set of readdirSync(folder).sort()) {
    const lines = gunzipSync(readFileSync(join(folder, set, `${file}.jsonl.gz`)))
      .toString('utf8')
      .trim()
      .split('\n');
    for (const line of lines) yield JSON.parse(line) as T;
  }
}
