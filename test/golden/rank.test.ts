import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EmbeddedModels, openEmbedded } from '@resift/models/embedded';
import type { RankerEntry } from '@resift/models/manifest';
import { modelsFolder, onnxRuntime } from '@resift/models-en';
import { featureReader, headLogit } from '@resift/reranker/ranker-head';
import { describe, expect, it, vi } from 'vitest';

interface Golden {
  readonly tolerance: number;
  /** Int8 kernels round differently on other processors. */
  readonly tolerance_other: number;
  readonly files: Readonly<Record<string, string>>;
  readonly pairs: readonly { readonly query: string; readonly text: string; readonly ids?: readonly number[] }[];
  readonly rankers: Readonly<Record<string, { readonly features: readonly string[]; readonly rows: readonly Row[] }>>;
}

interface Row {
  readonly features: readonly number[];
  readonly logit: number;
  readonly probability: number;
}

const file = join(modelsFolder, '../golden/rank.json');
const golden: Golden | undefined = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;

// Some seconds on a free machine, many on a busy one.
vi.setConfig({ testTimeout: 300_000 });

describe.skipIf(!golden)('golden scores of the shipped rankers (skipped where golden/rank.json was not made yet)', () => {
  const { pairs = [], rankers = {}, files = {}, tolerance = 0, tolerance_other = 0 } = golden ?? {};
  const allowed = hasVnni() ? tolerance : tolerance_other;

  it('were made with the files that are shipped', async () => {
    await using models = await openEmbedded(modelsFolder, { runtime: onnxRuntime() });
    const shipped = Object.entries(models.manifest.encoders).map(([name, entry]) => [name, models.manifest.files[entry.file]?.sha256]);
    expect(Object.fromEntries(shipped)).toEqual(files);
  });

  it('are of texts with the same token ids', async () => {
    await using models = await openEmbedded(modelsFolder, { runtime: onnxRuntime() });
    const { tokenizer, manifest } = models;
    const maxTokens = manifest.encoders['embed']!.maxTokens - 2;
    for (const { text, ids } of pairs) {
      if (ids) expect([tokenizer.ids.cls, ...tokenizer.encode(text, { maxTokens }).ids, tokenizer.ids.sep]).toEqual(ids);
    }
  });

  it.each(Object.keys(rankers))('come out of the engine as out of the training code: %s', async (name) => {
    await using models = await openEmbedded(modelsFolder, { runtime: onnxRuntime(), workers: 2 });
    const ranker = models.manifest.rankers[name] as RankerEntry;
    const { features, rows } = rankers[name]!;
    expect(ranker.features).toEqual(features);
    const found = await scores(models, ranker);
    for (const [i, { features, logit, probability }] of found.entries()) {
      const { query, text } = pairs[i]!;
      const far = features.map((value, k) => Math.abs(value - rows[i]!.features[k]!)).filter((difference) => !(difference <= allowed));
      expect([query, text, far]).toEqual([query, text, []]);
      // A feature's difference counts by its weight.
      const weight = ranker.weights.reduce((sum, each, k) => sum + Math.abs(each / ranker.scale[k]!), 1);
      expect(Math.abs(logit - rows[i]!.logit)).toBeLessThanOrEqual(allowed * weight);
      expect(Math.abs(probability - rows[i]!.probability)).toBeLessThanOrEqual(allowed * weight);
    }
  });

  async function scores({ encoder, lexicon }: EmbeddedModels, ranker: RankerEntry) {
    const [documents, queries] = await Promise.all([encoder(ranker.encoder), encoder(ranker.queryEncoder ?? ranker.encoder)]);
    const [asked, read] = await Promise.all([
      queries.encode(
        pairs.map(({ query }) => query),
        'query',
      ),
      documents.encode(
        pairs.map(({ text }) => text),
        'document',
      ),
    ]);
    const { calibration } = ranker;
    if (calibration?.kind !== 'platt') throw new Error('Expected the calibration by Platt that golden/rank.json was made with.');
    return pairs.map(({ query, text }, i) => {
      const features = [...featureReader(ranker.features, query, asked.encodings[i]!, lexicon)(text, read.encodings[i]!)];
      const logit = headLogit(ranker, features);
      return { features, logit, probability: 1 / (1 + Math.exp(-(calibration.a * logit + calibration.b))) };
    });
  }
});

/** The processor's kind that the golden scores were made on. */
function hasVnni() {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8').includes('avx512_vnni');
  } catch {
    return false;
  }
}
