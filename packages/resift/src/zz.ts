import { localReranker } from './local-reranker.ts';
for (const size of ['tiny','cascade'] as const) {
 const r = await localReranker({ size });
 const docs = Array.from({length: 40}, (_, i) => ({ id: String(i), text: ['Bananas are rich in potassium.','Berlin is the capital of Germany.','The Rhine flows through Basel.','Paris is the capital of France.'][i%4]! + ' ' + i }));
 const { items, status } = await r.rerank('What is the capital of France?', docs);
 console.log(r.id, items.slice(0,2).map(({document,score,label})=>[document.text,score,label]), items.at(-1)?.label, status);
 await r.close();
}
