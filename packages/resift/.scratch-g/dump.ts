import { appendFileSync, readFileSync } from 'node:fs';
import { search } from '/work/main/packages/rag/src/search.ts';
import { openModels } from '/work/main/packages/resift/src/open-models.ts';
import { bm25 } from '/work/main/packages/retrieval/src/bm25.ts';

const models = await openModels({ workers: 1 });
const reranker = await models.reranker('mini');
const reader = await models.reader();
const { docs, qs } = JSON.parse(readFileSync('/tmp/g/tune.json', 'utf8'));
const passages = docs.map((d: any) => ({ ...d, documentId: d.id, start: 0, end: d.text.length }));
const retriever = bm25(passages) as any;
const out = '/tmp/g/tune-out.jsonl';
for (const q of qs) {
  const { results } = await search(q.q, { retriever, reranker, limits: { candidates: 20, rerankBudgetMs: 600000 } });
  const top = results.slice(0, 5);
  const texts = top.map((s) => s.passage.text);
  const { spans } = await reader.read(q.q, texts);
  appendFileSync(
    out,
    JSON.stringify({ ...q, top: top.map((s, i) => ({ id: s.id, p: s.score, fs: s.firstStage, span: spans[i]![0] })) }) + '\n',
  );
}
await models.close();
