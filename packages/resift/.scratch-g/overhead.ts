import { readFileSync } from 'node:fs';
import { answer } from '/work/main/packages/rag/src/answer.ts';
import { extractive } from '/work/main/packages/rag/src/extractive.ts';
import { fixedReader, fixedRetriever, overlapReranker, tokenizer } from '/work/main/packages/rag/src/test/fakes.ts';

const docs = readFileSync('/work/main/apps/api/demo/demo.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((l) => JSON.parse(l));
const passages = docs.map((d) => ({ id: d.id + '#0', documentId: d.id, text: d.text, title: d.title, start: 0, end: d.text.length }));
const fast = {
  ...overlapReranker,
  rerank: async (q: string, ds: any) => ({
    items: ds.map((document: any, index: number) => ({ document, index, score: 1 - index / 100 })),
    skipped: [],
    scale: 'probability',
    usage: { calls: 0, inputTokens: 0, outputTokens: 0, truncated: 0 },
    status: { status: 'applied', window: ds.length, scored: ds.length, invalid: 0, cacheHits: 0 },
  }),
};
const rag = {
  retriever: fixedRetriever([...passages, ...passages.map((p) => ({ ...p, id: p.id + 'x', text: p.text + ' x' }))].slice(0, 100)),
  reranker: fast,
  generator: extractive(fixedReader({ Aspen: 0.9 })),
  tokenizer,
  limits: { candidates: 100, topN: 5, contextTokens: 3000 },
} as any;
const times: number[] = [];
for (let i = 0; i < 300; i++) {
  const t = performance.now();
  for await (const _ of answer([{ role: 'user', content: 'trip to Aspen?' }], rag));
  times.push(performance.now() - t);
}
times.sort((a, b) => a - b);
console.log('p50', times[150], 'p95', times[285], 'first', times.at(-1));
