import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEmbedded } from '@resift/models/embedded';
import { modelsFolder, onnxRuntime } from '@resift/models-en';
import { describe, expect, it, vi } from 'vitest';
import { inParts } from './in-parts.ts';

interface Case {
  readonly question: string;
  readonly passage: string;
  readonly windows: readonly { readonly ids: readonly number[] }[];
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly probability: number;
}

const file = join(modelsFolder, '../golden/read.json');

// Some seconds on a free machine, many on a busy one.
vi.setConfig({ testTimeout: 300_000 });

describe.skipIf(!existsSync(file))('golden spans of the shipped reader (skipped where golden/read.json was not made yet)', () => {
  const golden = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { sha256: string; tolerance: { probability: number }; cases: Case[] })
    : undefined;
  const cases = golden?.cases ?? [];

  it('were made with the file that is shipped', async () => {
    await using models = await openEmbedded(modelsFolder, { runtime: onnxRuntime() });
    expect(models.manifest.files[models.manifest.readers['read']!.file]?.sha256).toBe(golden?.sha256);
  });

  it('come out of the engine as out of the training code', async () => {
    await using models = await openEmbedded(modelsFolder, { runtime: onnxRuntime(), workers: 2 });
    const reader = await models.reader();
    await inParts(cases, async ({ question, passage, windows, start, end, text, probability }) => {
      const { spans, usage } = await reader.read(question, [passage]);
      const [span] = spans[0]!;
      if (text === '') return expect(spans).toEqual([[]]);
      expect([question, span?.start, span?.end, span?.text]).toEqual([question, start, end, text]);
      expect(Math.abs(span!.probability - probability), question).toBeLessThanOrEqual(golden!.tolerance.probability);
      expect(usage.inputTokens).toBe(windows.reduce((sum, { ids }) => sum + ids.length, 0));
    });
  });

  it('do not depend on the passages read beside them', async () => {
    await using models = await openEmbedded(modelsFolder, { runtime: onnxRuntime(), workers: 2 });
    const reader = await models.reader();
    const [first] = cases;
    const passages = cases.slice(0, 6).map(({ passage }) => passage);
    const together = await reader.read(first!.question, passages);
    for (const [i, passage] of passages.entries()) {
      expect((await reader.read(first!.question, [passage])).spans[0]).toEqual(together.spans[i]);
    }
  });
});
