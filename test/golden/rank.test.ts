import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EmbeddedModels, openEmbedded } from '@resift/models/embedded';
import type { RankerEntry } from '@resift/models/manifest';
import { modelsFolder, onnxRuntime } from '@resift/models-en';
import { probabilityOf } from '@resift/reranker/calibrated';
import { lateInteraction } from '@resift/reranker/late-interaction';
import { featureReader, headLogit } from '@resift/reranker/ranker-head';
import { describe, expect, it } from 'vitest';

interface Golden {
  readonly tolerance: number;
  /** Where the processor rounds int8 products in another way. */
  readonly tolerance_other: number;
  readonly files: Readonly<Record<string, string>>;
  readonly pairs: readonly { readonly query: string; readonly text: string; readonly ids?: readonly number[] }[];
  readonly rankers: Readonly<
    Record<string, { readonly features: readonly string[]; readonly rows: readonly { features: number[]; logit: number; probability: number }[] }>
  >;
}

const file = join(modelsFolder, '../golden/rank.json');
const golden = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Golden) : undefined;
const vnni = existsSync('/proc/cpuinfo') && readFileSync('/proc/cpuinfo', 'utf8').includes('avx512_vnni');
/** The entry of a ranker that has a head of its own. */
function rankerOf({ manifest }: EmbeddedModels, name: string): RankerEntry & { readonly calibration: { kind: 'platt'; a: number; b: number } } {
  const ranker = manifest.rankers[name];
  if (!ranker || 'fast' in ranker || ranker.calibration?.kind !== 'platt') throw new Error(`${name} has no head and Platt calibration.`);
  return { ...ranker, calibration: ranker.calibration };
}
const open = () => openEmbedded(modelsFolder, { runtime: onnxRuntime(), workers: 2 });

describe.skipIf(!golden)('golden scores of the shipped rankers (skipped where golden/rank.json was not made yet)', () => {
  const { pairs, rankers, files, tolerance, tolerance_other } = golden ?? { pairs: [], rankers: {}, files: {}, tolerance: 0, tolerance_other: 0 };
  const close = vnni ? tolerance : tolerance_other;

  it('were made with the files that are shipped', async () => {
    await using models = await open();
    for (const [name, sha256] of Object.entries(files)) {
      expect(models.manifest.files[models.manifest.encoders[name]!.file]?.sha256, name).toBe(sha256);
    }
  });

  it('have the token ids of the training code', async () => {
    await using models = await open();
    const { cls, sep } = models.tokenizer.ids;
    for (const { text, ids } of pairs) {
      if (ids) expect([cls, ...models.tokenizer.encode(text, { maxTokens: ids.length - 2 }).ids, sep], text).toEqual(ids);
    }
  });

  it.each(Object.entries(rankers))('%s: features, logits and probabilities are those of the training code', async (name, { features, rows }) => {
    await using models = await open();
    const ranker = rankerOf(models, name);
    const documents = await models.encoder(ranker.encoder);
    const queries = await models.encoder(ranker.queryEncoder ?? ranker.encoder);
    const { encodings: texts } = await documents.encode(
      pairs.map(({ text }) => text),
      'document',
    );
    const { encodings: asked } = await queries.encode(
      pairs.map(({ query }) => query),
      'query',
    );
    expect(ranker.features).toEqual(features);

    for (const [i, { query, text }] of pairs.entries()) {
      const values = featureReader(ranker.features, query, asked[i]!, models.lexicon)(text, texts[i]!);
      const logit = headLogit(ranker, values);
      const expected = rows[i]!;
      for (const [k, value] of values.entries()) {
        expect(Math.abs(value - expected.features[k]!), `${features[k]} of pair ${i}`).toBeLessThanOrEqual(close);
      }
      // A logit adds up what its features may differ by.
      const slack = close * ranker.weights.reduce((sum, weight, k) => sum + Math.abs(weight / ranker.scale[k]!), 1);
      expect(Math.abs(logit - expected.logit), `logit of pair ${i}`).toBeLessThanOrEqual(slack);
      expect(Math.abs(probabilityOf(logit, ranker.calibration) - expected.probability)).toBeLessThanOrEqual(slack);
    }
  });

  it.each(Object.keys(rankers))('%s gives through rerank() what it gives alone', async (name) => {
    await using models = await open();
    const ranker = rankerOf(models, name);
    const embedder = await models.encoder(ranker.encoder);
    const queryEmbedder = await models.encoder(ranker.queryEncoder ?? ranker.encoder);
    const reranker = lateInteraction(embedder, { head: ranker, lexicon: models.lexicon, queryEmbedder });
    const { query } = pairs[40]!;
    const documents = pairs.slice(40, 60).map(({ text }, i) => ({ id: `${i}`, text }));
    const { items } = await reranker.rerank(query, documents);
    for (const { document, score } of items.slice(0, 5)) {
      expect((await reranker.rerank(query, [document])).items[0]!.score).toBeCloseTo(score, 9);
    }
  });
});
