import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEmbedded } from '@resift/models/embedded';
import { modelsFolder, onnxRuntime } from '@resift/models-en';
import { describe, expect, it, vi } from 'vitest';
import { inParts } from './in-parts.ts';

interface Case {
  readonly claim: string;
  readonly context: string;
  readonly windows: readonly { readonly ids: readonly number[] }[];
  readonly probability: number;
}

const file = join(modelsFolder, '../golden/ground.json');

// Some seconds on a free machine, many on a busy one.
vi.setConfig({ testTimeout: 300_000 });

describe.skipIf(!existsSync(file))(
  'golden probabilities of the shipped groundedness model (skipped where golden/ground.json was not made yet)',
  () => {
    const golden = existsSync(file)
      ? (JSON.parse(readFileSync(file, 'utf8')) as { sha256: string; tolerance: { probability: number }; cases: Case[] })
      : undefined;
    const cases = golden?.cases ?? [];

    it('were made with the file that is shipped', async () => {
      await using models = await openEmbedded(modelsFolder, { runtime: onnxRuntime() });
      expect(models.manifest.files[models.manifest.ground['ground']!.file]?.sha256).toBe(golden?.sha256);
    });

    it('come out of the engine as out of the training code', async () => {
      await using models = await openEmbedded(modelsFolder, { runtime: onnxRuntime(), workers: 2 });
      const ground = await models.groundedness();
      await inParts(cases, async ({ claim, context, windows, probability }) => {
        const { probabilities, usage } = await ground.check(context, [claim]);
        expect(usage.inputTokens, claim).toBe(windows.reduce((sum, { ids }) => sum + ids.length, 0));
        expect(Math.abs(probabilities[0]! - probability), claim).toBeLessThanOrEqual(golden!.tolerance.probability);
      });
    });

    it('do not depend on the claims checked beside them', async () => {
      await using models = await openEmbedded(modelsFolder, { runtime: onnxRuntime(), workers: 2 });
      const ground = await models.groundedness();
      const context = cases[0]!.context;
      const claims = cases.slice(0, 6).map(({ claim }) => claim);
      const together = await ground.check(context, claims);
      for (const [i, claim] of claims.entries())
        expect((await ground.check(context, [claim])).probabilities).toEqual([together.probabilities[i]]);
    });
  },
);
