import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonl } from '@resift/eval/jsonl';
import { search } from '@resift/rag';
import { openModels } from 'resift';
import { openCollection } from 'resift/evaluation/collection';
import { searchParts } from 'resift/evaluation/search-system';
import { isEvaluationPassage } from './datasets/evaluation-rows.ts';

const root = join(import.meta.dirname, '..');
const data = join(root, '../shared/data');
const prepared = join(root, 'packages/models-en/training/.runs/read/prepared');
const [out = '/tmp/collected.jsonl', evaluation] = process.argv.slice(2);
const documents = new Map<string, { id: string; text: string; title?: string }>();
const sets = ['squad2_dev', 'nq_oracle', ...(evaluation ? [] : ['squadshifts_wiki'])];
const evalQ: any[] = [];
for (const set of sets) {
  let n = 0;
  for await (const row of readJsonl<any>(join(data, 'qa', `${set}.jsonl.gz`))) {
    if (isEvaluationPassage(row.context) !== !!evaluation) continue;
    if (!documents.has(row.context)) {
      if (set === 'squadshifts_wiki' && n++ > 900) continue;
      documents.set(row.context, {
        id: `${set}/${documents.size}`,
        text: row.context,
        ...(row.title && { title: row.title.replaceAll('_', ' ') }),
      });
    }
    if (evaluation) evalQ.push({ set, question: row.question, context: row.context, answers: row.answerable ? row.answers : [] });
  }
}
let asked: any[] = evalQ;
if (!evaluation) {
  const rows: any[] = [];
  for (const file of ['calib', 'dev'])
    for await (const row of readJsonl<any>(join(prepared, `${file}.jsonl.gz`)))
      if (row.kind === 'human' && documents.has(row.context)) rows.push({ file, ...row });
  asked = [...rows.filter((r) => r.set !== 'squadshifts_wiki'), ...rows.filter((r) => r.set === 'squadshifts_wiki').slice(0, 260)];
}
console.error(documents.size, 'documents', asked.length, 'questions');
await using models = await openModels({ threads: 1 } as any);
const reader = await models.reader();
const collection = await openCollection([...documents.values()], {
  runs: join(root, 'evals/.runs'),
  embedder: await models.embedder(),
  tokenizer: models.tokenizer,
  onProgress: (d) => d % 200 === 0 && console.error(d),
});
const cascade = await models.reranker('cascade');
const lines: string[] = [];
for (const [i, row] of asked.entries()) {
  const record: any = {
    set: row.set,
    question: row.question,
    gold: documents.get(row.context)!.id,
    answers: row.answers.map((a: any) => a.text),
    systems: {},
  };
  const kept = new Map<string, any>();
  for (const [name, first, model] of [
    ['bm25', 'bm25', undefined],
    ['hybrid', 'hybrid', undefined],
    ['bm25+r', 'bm25', cascade],
    ['hybrid+r', 'hybrid', cascade],
  ] as const) {
    const parts = searchParts(collection, first, model, 100);
    const found = await search(
      row.question,
      { retriever: parts.retriever, reranker: parts.reranker, tokenizer: models.tokenizer, limits: { ...parts.limits, topN: 5 } } as any,
      {},
    );
    const sources: any[] = (found as any).sources ?? (found as any).results;
    const texts = sources.slice(0, 5).map((s) =>
      s.passage.title &&
      !s.passage.text
        .slice(0, 2 * s.passage.title.length + 20)
        .toLowerCase()
        .includes(s.passage.title.toLowerCase())
        ? `${s.passage.title}. ${s.passage.text}`
        : s.passage.text,
    );
    const missing = texts.filter((t) => !kept.has(t));
    if (missing.length) {
      const { spans } = await reader.read(row.question, missing);
      missing.forEach((t, k) => kept.set(t, spans[k]![0] ?? null));
    }
    record.systems[name] = sources
      .slice(0, 5)
      .map((s, k) => ({
        doc: s.documentId,
        score: s.score,
        scale: s.scale,
        first: s.firstStage,
        span: kept.get(texts[k]!),
        title: s.passage.title,
        text: s.passage.text,
      }));
  }
  lines.push(JSON.stringify(record));
  if (i % 20 === 0) console.error(i, new Date().toISOString());
}
writeFileSync(out, `${lines.join('\n')}\n`);
await collection.store.close();
