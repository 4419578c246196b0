import { readdir, readFile } from 'node:fs/promises';
import type { SourceDocument, Store } from '@resift/retrieval/stores/store';

export const DEMO_COLLECTION = 'demo';
const FOLDER = new URL('../demo/', import.meta.url);

/** Loads the texts in `demo/` where the store holds nothing at all. False where there was something. */
export async function loadDemo(store: Store): Promise<boolean> {
  if ((await store.collections()).length > 0) return false;
  const documents = await readDemo();
  if (documents.length > 0) await store.put(DEMO_COLLECTION, documents);
  return documents.length > 0;
}

/** The texts of the demo, written for this project. */
export async function readDemo(): Promise<SourceDocument[]> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.jsonl')).sort();
  const documents: SourceDocument[] = [];
  for (const file of files) {
    const lines = (await readFile(new URL(file, FOLDER), 'utf8')).split('\n').filter((line) => line.trim() !== '');
    documents.push(...lines.map((line) => JSON.parse(line) as SourceDocument));
  }
  return documents;
}

/** What to try, each line ready to be copied into a terminal. */
export function tryLines(url: string, command: string): string {
  const question = 'What film did Jim Carrey star in where he goes on a trip to Aspen with his friend?';
  const json = (body: unknown) => `-H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
  return [
    'Ask the demo collection:',
    `  ${command} ask --server ${url} -c ${DEMO_COLLECTION} "${question}"`,
    `  curl -s ${url}/v1/chat ${json({ collection: DEMO_COLLECTION, messages: [{ role: 'user', content: question }] })}`,
    'See what reranking changes:',
    `  ${command} search --server ${url} -c ${DEMO_COLLECTION} "${question}"`,
    `  curl -s ${url}/v1/search ${json({ collection: DEMO_COLLECTION, query: question, top_k: 3 })}`,
    'Rerank texts of your own:',
    `  curl -s ${url}/v2/rerank ${json({ model: 'resift-mini', query: 'Who wrote Hamlet?', documents: ['Hamlet is a town in Denmark.', 'Shakespeare wrote Hamlet around 1600.'] })}`,
    'Add your own files, then ask them:',
    `  ${command} ingest --server ${url} README.md docs`,
    `  ${command} ask --server ${url} "What is resift?"`,
    `The whole API: ${url}/docs`,
  ].join('\n');
}
