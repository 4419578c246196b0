import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { passageText } from '@resift/core';
import { type Models, openModels } from 'resift';
import { type LocalRag, openRag } from 'resift/rag';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

// Some seconds on a free machine, many on a busy one.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let models: Models;
let directory: string;
const opened: LocalRag[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'resift-stored-'));
  models = await openModels({ workers: 2 });
});
afterAll(async () => {
  await Promise.all(opened.map((rag) => rag.close()));
  await models.close();
  await rm(directory, { recursive: true, force: true });
});
const open = async (folder: string, options: Partial<Parameters<typeof openRag>[0]> = {}) => {
  const rag = await openRag({ directory: join(directory, folder), models, limits: { rerankBudgetMs: 120_000 }, ...options });
  opened.push(rag);
  return rag;
};

const documents = [
  { id: 'tides', title: 'The tide', text: 'High water follows the moon. It comes twice a day in most places.' },
  { id: 'emoji', text: '👩‍👩‍👧‍👦 families went to the sea 🌊 and came back.' },
  { id: 'cjk', text: '東京は日本の首都です。 The tide there is low.' },
  { id: 'signs', text: '... — !!! ???' },
  {
    id: 'long',
    title: 'A long title '.repeat(20).trim(),
    text: `The moon pulls the sea. ${'And the sea goes up and down with it. '.repeat(90)}`,
  },
  { id: 'word', text: `donaudampfschifffahrt${'s'.repeat(900)} is one word of a ship on the moon.` },
  ...Array.from({ length: 24 }, (_, i) => ({
    id: `filler${i}`,
    text: `In year ${1900 + i} the sea rose by ${i} inches and the moon stood still.`,
  })),
];
const QUERIES = ['why does the sea rise with the moon?', 'tide', '東京', '🌊'];

it('scores kept passages exactly as fresh ones, under every preset, without reading a text', async () => {
  const rag = await open('kept', { preset: 'quality' });
  await rag.add(documents);
  await rag.close();
  const mini = await models.reranker('mini');
  for (const preset of ['quality', 'balanced', 'fast'] as const) {
    const over = await open('kept', { preset });
    for (const query of preset === 'quality' ? QUERIES : QUERIES.slice(0, 1)) {
      const { results, rerank, usage } = await over.search(query);
      expect(rerank).toMatchObject({ status: 'applied', window: results.length, scored: results.length, cacheHits: results.length });
      expect(usage.inputTokens).toBeLessThan(30); // the question's own
      const found = results.toSorted((a, b) => a.firstStage.rank - b.firstStage.rank);
      const texts = found.map(({ passage }) => ({ id: passage.id, text: passageText(passage, models.tokenizer) }));
      const fresh = await mini.rerank(query, texts);
      expect(fresh.status.cacheHits).toBe(0);
      expect(results.map(({ id, score, label }) => [id, score, label])).toEqual(
        fresh.items.map(({ document, score, label }) => [document.id, score, label]),
      );
    }
    await over.close();
  }
});

it('serves what was stored without token vectors as before, and what is reindexed from them', async () => {
  const plain = await open('plain', { tokenVectors: false });
  await plain.add(documents.slice(0, 4));
  const before = await plain.search(QUERIES[0]!);
  expect(before.rerank).toMatchObject({ status: 'applied', cacheHits: 0 });
  await plain.close();

  const rag = await open('plain', { preset: 'quality' });
  expect((await rag.store.collections())[0]!.tokenVectors).toBe('missing');
  const fresh = await rag.search(QUERIES[0]!);
  expect(fresh.rerank).toMatchObject({ status: 'applied', cacheHits: 0 });
  await rag.store.reindex('default');
  const kept = await rag.search(QUERIES[0]!);
  expect(kept.rerank.cacheHits).toBe(kept.results.length);
  expect(kept.results.map(({ id, score }) => [id, score])).toEqual(fresh.results.map(({ id, score }) => [id, score]));
});
