import { basename } from 'node:path';
import type { Closable, Reranker } from '@resift/core';
import { type HubModel, type HubOptions, pullModel } from '@resift/models/hub-model';
import { openPairModelFolder, type PairModelFolderOptions } from '@resift/models/pair-model-folder';
import { onnxRuntime } from '@resift/models-en';
import { type Calibration, calibrated } from '@resift/reranker/calibrated';
import { crossEncoder } from '@resift/reranker/cross-encoder';
import { tokenWindows } from '@resift/reranker/max-passage';

export interface CrossEncoderOptions extends Omit<PairModelFolderOptions, 'runtime'> {
  /**
   * `truncate` (default): the model reads the beginning of a long document, which is counted in `usage.truncated`. `maxPassage`: it reads
   * the whole document in overlapping windows, and the best one counts.
   */
  readonly longDocuments?: 'truncate' | 'maxPassage' | undefined;
  /**
   * From a logit to a probability, fitted on your own judgements (`fitPlatt`). Default: the sigmoid of the logit, as the authors of
   * these models give it. It orders documents of different queries well enough, but 0.8 need not mean that 8 of 10 are relevant.
   */
  readonly calibration?: Calibration | undefined;
}

export interface CrossEncoderReranker extends Reranker<'probability'>, Closable {
  /** The same order before it is made a probability. */
  readonly raw: Reranker<'logit'>;
  /** Tokens of query and document together. */
  readonly maxTokens: number;
}

/** Part of a window that a query may take before passages are cut for it. */
const QUERY_SHARE = 1 / 4;
const SIGMOID: Calibration = { kind: 'platt', a: 1, b: 0 };

/** A reranker of any ONNX cross-encoder in a folder: `config.json`, `tokenizer.json` or `vocab.txt`, `onnx/model.onnx`. */
export async function folderReranker(
  folder: string,
  { longDocuments = 'truncate', calibration = SIGMOID, ...options }: CrossEncoderOptions = {},
): Promise<CrossEncoderReranker> {
  const model = await openPairModelFolder(folder, { runtime: onnxRuntime(), ...options });
  const passage = Math.floor(model.maxTokens * (1 - QUERY_SHARE));
  const raw = crossEncoder(model, { longDocuments: longDocuments === 'truncate' ? longDocuments : tokenWindows(model.tokenizer, passage) });
  const { close } = model;
  return { ...calibrated(raw, calibration), raw, maxTokens: model.maxTokens, close, [Symbol.asyncDispose]: close };
}

export interface HubRerankerOptions extends HubModel, HubOptions, Omit<CrossEncoderOptions, 'file' | 'id'> {}

/**
 * A reranker of a cross-encoder of a hub, e.g. `BAAI/bge-reranker-v2-m3`: downloaded and verified at its first use, from the cache from then on.
 * Fails as `pullModel` and `folderReranker` do.
 */
export async function hubReranker(options: HubRerankerOptions): Promise<CrossEncoderReranker> {
  const { model, revision, file, sha256, endpoint, token, offline, cacheFolder, timeoutMs, signal, onProgress, ...rest } = options;
  const hub = { endpoint, token, offline, cacheFolder, timeoutMs, signal, onProgress };
  const { folder } = await pullModel({ model, revision, file, sha256 }, hub);
  const id = `${model}@${revision.slice(0, 12)}${file === undefined ? '' : `/${basename(file)}`}`;
  return folderReranker(folder, { ...rest, id, file });
}
