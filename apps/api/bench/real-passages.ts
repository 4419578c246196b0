import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const folder = process.env['RESIFT_DATASETS'] ?? join(import.meta.dirname, '../../../../shared/data');
const WORDS = 60;

/** Passages of about 60 words out of all texts of the BEIR collections, and out of the training sets where more are asked for; each once, at most so many. */
export function realPassages(most: number): readonly string[] {
  const passages = new Set<string>();
  for (const text of texts()) {
    const words = text.split(/\s+/);
    for (let from = 0; from < words.length; from += WORDS) {
      if (passages.size === most) return [...passages];
      passages.add(words.slice(from, from + WORDS).join(' '));
    }
  }
  return [...passages];
}

/** The questions of the BEIR collections. */
export const realQuestions = (): readonly string[] => [...new Set([...beir<{ text: string }>('queries')].map(({ text }) => text))];

function* texts(): Generator<string> {
  for (const { title = '', text } of beir<{ title?: string; text: string }>('corpus')) yield `${title} ${text}`;
  for (const file of readdirSync(join(folder, 'train')).sort()) {
    if (!file.endsWith('.jsonl.gz')) continue;
    for (const { positive } of rows<{ positive?: string }>(join('train', file))) if (positive) yield positive;
  }
}

function* beir<T>(file: string): Generator<T> {
  for (const set of readdirSync(join(folder, 'beir')).sort()) yield* rows<T>(join('beir', set, `${file}.jsonl.gz`));
}

function* rows<T>(path: string): Generator<T> {
  const lines = gunzipSync(readFileSync(join(folder, path)))
    .toString('utf8')
    .trim()
    .split('\n');
  for (const line of lines) yield JSON.parse(line) as T;
}
