import { createHash } from 'node:crypto';
import {
  type Closable,
  type Embedder,
  type GroundednessModel,
  type Reranker,
  ResiftError,
  type SpanReader,
  type StoredEncodings,
  type TokenEmbedder,
  type Tokenizer,
} from '@resift/core';
import { type EmbeddedModels, openEmbedded } from '@resift/models/embedded';
import type { Encoder } from '@resift/models/encoder';
import type { Calibration as ManifestCalibration } from '@resift/models/manifest';
import { modelsFolder, onnxRuntime } from '@resift/models-en';
import { cached } from '@resift/reranker/cached';
import { type Calibration, calibrated } from '@resift/reranker/calibrated';
import { cascade } from '@resift/reranker/cascade';
import type { KeyValue } from '@resift/reranker/key-value';
import { type LabelThresholds, labelled } from '@resift/reranker/labelled';
import { lateInteraction } from '@resift/reranker/late-interaction';
import { keptEncodings } from './kept-encodings.ts';
import { keptQueries } from './kept-queries.ts';

/** `tiny` is fast, `mini` is good, `cascade` lets tiny read everything and mini the best of it. */
export type RerankerSize = 'mini' | 'tiny' | 'cascade';

export interface ModelsOptions {
  /** Threads that run models, one core each. Default: the cores, at most 4. */
  readonly workers?: number | undefined;
  /** A folder with a manifest and its files. Default: the models inside `@resift/models-en`. */
  readonly folder?: string | undefined;
  /** What the worker threads import to get ONNX Runtime: a package name or a file URL. Default: the one that `@resift/models-en` brought. */
  readonly runtime?: string | undefined;
  /** Path of `onnx-worker.js` of `@resift/models`, for a bundle that is shipped without the package. Default: found by itself. */
  readonly workerFile?: string | undefined;
  /** Documents whose encodings the rerankers keep in memory, about 25 KiB each. Default 0: a passage is encoded every time it is a candidate. */
  readonly keepEncodings?: number | undefined;
}

export interface OpenRerankerOptions {
  /** For `cascade`: after about so many milliseconds what mini has not read keeps tiny's place (status `partial`). Default: no limit. */
  readonly budgetMs?: number | undefined;
  /** Where scores are kept for the next question of this tenant; of a cascade, those of both stages. */
  readonly scores?: { readonly store: KeyValue; readonly tenant: string } | undefined;
}

/** The embedded models. Each file is verified and loaded at its first use, in worker threads. */
export interface Models extends Closable {
  readonly version: string;
  readonly tokenizer: Tokenizer;
  /** Vectors for dense retrieval. */
  embedder(): Promise<Embedder>;
  /** What `mini` reads documents with: a store that is given it keeps their token vectors, and `storedReranker` ranks from those. */
  tokenEmbedder(): Promise<TokenEmbedder>;
  /** Calibrated and labelled. `cascade` gives every document a score: the tail's is tiny's, capped below mini's lowest. */
  reranker(size: RerankerSize, options?: OpenRerankerOptions): Promise<Reranker<'probability'>>;
  /** `mini`, over encodings that a store keeps: the same scores without reading a text again. What has none kept is read. */
  storedReranker(): Promise<(stored: StoredEncodings) => Reranker<'probability'>>;
  /** The same order before calibration. There is none for the cascade, whose two models have different logits. */
  rawReranker(size: Exclude<RerankerSize, 'cascade'>): Promise<Reranker<'logit'>>;
  reader(): Promise<SpanReader>;
  groundedness(): Promise<GroundednessModel>;
}

/** Opens the models that come with resift. Close them when done; a script that forgets still ends by itself. */
export async function openModels({
  workers,
  folder = modelsFolder,
  runtime = onnxRuntime(),
  workerFile,
  keepEncodings = 0,
}: ModelsOptions = {}): Promise<Models> {
  const embedded = await openEmbedded(folder, { workers, runtime, workerFile });
  const { encoders, rankers } = embedded.manifest;
  const opened = new Map<string, Promise<Encoder>>();
  const kept = new Map<string, Promise<TokenEmbedder>>();

  /** A question is read once, by whoever asks first. */
  function withQueries(name: string): Promise<Encoder> {
    const encoder = opened.get(name) ?? embedded.encoder(name).then(keptQueries);
    opened.set(name, encoder);
    encoder.catch(() => opened.delete(name));
    return encoder;
  }

  /** One memory per encoder, shared by all rerankers that use it. */
  function encoderOf(name: string): Promise<TokenEmbedder> {
    if (keepEncodings === 0) return withQueries(name);
    const encoder = kept.get(name) ?? withQueries(name).then((open) => keptEncodings(open, keepEncodings));
    kept.set(name, encoder);
    return encoder;
  }

  async function reranker(size: RerankerSize, { budgetMs, scores }: OpenRerankerOptions = {}): Promise<Reranker<'probability'>> {
    if (size !== 'cascade') return single(embedded, size, encoderOf, scores);
    const stages = rankers['cascade'];
    if (!stages || !('fast' in stages)) throw missing('cascade');
    const [fast, accurate] = await Promise.all([
      probable(embedded, stages.fast, encoderOf, scores),
      probable(embedded, stages.accurate, encoderOf, scores),
    ]);
    // Labelled last: in words, too, a capped score says what it is after the cap.
    const both = labelled(cascade(fast, stages.keep, accurate, { tail: 'capped', budgetMs }), thresholdsOf(embedded, stages.accurate));
    return { ...both, id: `cascade@${embedded.manifest.version}#${embedded.hash('cascade')}` };
  }

  return {
    version: embedded.manifest.version,
    tokenizer: embedded.tokenizer,
    embedder: () => withQueries('embed' in encoders ? 'embed' : Object.keys(encoders)[0]!),
    tokenEmbedder: async () => withQueries(rankerOf(embedded, 'mini').encoder),
    reranker,
    async storedReranker() {
      const rawOver = await openRaw(embedded, 'mini', encoderOf);
      return (stored) => finished(embedded, 'mini', probabilityOf(embedded, 'mini', rawOver(stored)));
    },
    rawReranker: async (size) => (await openRaw(embedded, size, encoderOf))(),
    reader: () => embedded.reader(),
    groundedness: () => embedded.groundedness(),
    close: embedded.close,
    [Symbol.asyncDispose]: embedded.close,
  };
}

type EncoderOf = (name: string) => Promise<TokenEmbedder>;

async function openRaw(
  embedded: EmbeddedModels,
  name: string,
  encoderOf: EncoderOf,
): Promise<(stored?: StoredEncodings) => Reranker<'logit'>> {
  const ranker = rankerOf(embedded, name);
  const encoder = await encoderOf(ranker.encoder);
  const queryEmbedder = ranker.queryEncoder === undefined ? encoder : await encoderOf(ranker.queryEncoder);
  return (stored) => lateInteraction(encoder, { head: ranker, lexicon: embedded.lexicon, queryEmbedder, stored });
}

async function single(
  embedded: EmbeddedModels,
  name: string,
  encoderOf: EncoderOf,
  scores: OpenRerankerOptions['scores'],
): Promise<Reranker<'probability'>> {
  return finished(embedded, name, await probable(embedded, name, encoderOf, scores));
}

function finished(embedded: EmbeddedModels, name: string, reranker: Reranker<'probability'>): Reranker<'probability'> {
  const { rerank, scale } = labelled(reranker, thresholdsOf(embedded, name));
  return { id: `${name}@${embedded.manifest.version}#${embedded.hash(name)}`, scale, rerank };
}

async function probable(
  embedded: EmbeddedModels,
  name: string,
  encoderOf: EncoderOf,
  scores: OpenRerankerOptions['scores'],
): Promise<Reranker<'probability'>> {
  const reranker = probabilityOf(embedded, name, (await openRaw(embedded, name, encoderOf))());
  if (!scores) return reranker;
  // The manifest names every file's hash, the lengths and the calibration: all that a score depends on.
  const identity = [name, createHash('sha256').update(JSON.stringify(embedded.manifest)).digest('base64url')];
  return cached(reranker, { ...scores, identity });
}

function probabilityOf(embedded: EmbeddedModels, name: string, reranker: Reranker<'logit'>): Reranker<'probability'> {
  const { calibration } = rankerOf(embedded, name);
  if (!calibration) throw missing(`calibration of ${name}`);
  return calibrated(reranker, asCalibration(calibration));
}

function thresholdsOf(embedded: EmbeddedModels, name: string): LabelThresholds {
  const { thresholds } = rankerOf(embedded, name);
  if (!thresholds) throw missing(`thresholds of ${name}`);
  return { veryLikely: thresholds.very_likely, likely: thresholds.likely };
}

function rankerOf({ manifest }: EmbeddedModels, name: string) {
  const ranker = manifest.rankers[name];
  if (!ranker || 'fast' in ranker) throw missing(name);
  return ranker;
}

const asCalibration = (calibration: ManifestCalibration): Calibration =>
  calibration.kind === 'platt' ? calibration : { kind: 'isotonic', scores: calibration.x, probabilities: calibration.y };

const missing = (what: string) =>
  new ResiftError('corrupt', `The models' manifest does not name the ranker: ${what}. Install @resift/models-en again.`);
