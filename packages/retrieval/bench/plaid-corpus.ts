import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface Corpus {
  readonly documents: { readonly id: string; readonly text: string }[];
  readonly queries: string[];
}

const BEIR = [
  'scifact',
  'med',
  'cacm',
  'cisi',
  'anthropic_docs',
  'stackfaq',
  'musique_100',
  'hotpotqa_100',
  'chroma_chunking',
  'wikiqa_test',
];
const TRAIN = ['acl_title_abstract', 'squadshifts', 'medquad', 'nqg_squad_sentences', 'clapnq_train_answers'];

/**
 * So many different texts of the public sets: SciFact alone up to 5,183, else all BEIR folders and passages of `train/`. Queries are spread over the BEIR folders used; the effort of a search was chosen
 * on `tuning` ones, and is reported on the others, half-way between them.
 */
export function plaidCorpus(data: string, count: number, queries: number, part: 'tuning' | 'report'): Corpus {
  const folders = count <= 5_183 ? ['scifact'] : BEIR;
  const texts = new Set<string>();
  const take = (text: string) => text.trim() !== '' && texts.size < count && texts.add(text);
  for (const name of folders) {
    for (const { title, text } of rows<{ title?: string; text: string }>(join(data, 'beir', name, 'corpus.jsonl.gz'))) {
      take(title ? `${title}\n${text}` : text);
    }
  }
  for (const name of TRAIN) {
    if (texts.size >= count) break;
    for (const { positive } of rows<{ positive: string }>(join(data, 'train', `${name}.jsonl.gz`))) take(positive);
  }
  if (texts.size < count) throw new Error(`Expected ${count} different texts in ${data}, found ${texts.size}.`);
  const asked = folders.flatMap((name) => {
    const all = rows<{ text: string }>(join(data, 'beir', name, 'queries.jsonl.gz'));
    const wanted = Math.ceil(queries / folders.length);
    // Where there are few, each second is one for tuning.
    const own = all.length >= 2 * wanted ? all : all.filter((_, i) => (i % 2 === 0) === (part === 'tuning'));
    const shift = own === all && part === 'report' ? 0.5 : 0;
    const count = Math.min(wanted, own.length);
    return Array.from({ length: count }, (_, i) => own[Math.floor(((i + shift) * own.length) / count)]!.text);
  });
  return { documents: [...texts].map((text, i) => ({ id: String(i), text })), queries: asked.slice(0, queries) };
}

function rows<Row>(file: string): Row[] {
  const lines = gunzipSync(readFileSync(file)).toString().split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Row);
}
