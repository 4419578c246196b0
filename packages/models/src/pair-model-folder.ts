import { access, open, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Closable, type PairModel, ResiftError } from '@resift/core';
import { createOnnxPool, type OnnxPool } from './onnx-pool.ts';
import { openPairModel } from './pair-model.ts';
import type { PairTokenizer } from './pair-tokenizer.ts';
import { createTokenizer } from './tokenizer-json.ts';
import { createWordPiece } from './wordpiece.ts';

export interface PairModelFolderOptions {
  /** Run in this pool, which stays open when the model is closed. Default: a pool of its own. */
  readonly pool?: OnnxPool | undefined;
  /** Threads of the pool that is made. Default: see `createOnnxPool`. */
  readonly workers?: number | undefined;
  /** What the pool's workers import to get ONNX Runtime. Default 'onnxruntime-node'. */
  readonly runtime?: string | undefined;
  /** Where the model runs, e.g. `['cuda', 'cpu']`. Default `['cpu']`. */
  readonly executionProviders?: readonly string[] | undefined;
  /** Tokens of query and text together. Default: what the model was made for, at most 512, since time and memory grow with its square. */
  readonly maxTokens?: number | undefined;
  /** Path of the ONNX file in the folder. Default: `onnx/model.onnx`, else `model.onnx`. */
  readonly file?: string | undefined;
  /** Most texts of one run. Default 32, and 1 for a model with dynamic int8, whose scores depend on what they are run with. */
  readonly batch?: number | undefined;
  /** What it is called in rankings and errors. Default: the folder's name. */
  readonly id?: string | undefined;
}

export interface OpenPairModel extends PairModel, Closable {
  readonly tokenizer: PairTokenizer;
  /** Tokens of query and text together. */
  readonly maxTokens: number;
}

/** The ONNX files that a folder may have, the first that is there is taken. */
export const ONNX_FILES: readonly string[] = ['onnx/model.onnx', 'model.onnx'];

const USUAL_TOKENS = 512;

/**
 * Opens the cross-encoder in a folder as a hub has it: `config.json`, `tokenizer.json` (or `vocab.txt`), and an ONNX export. BERT,
 * XLM-RoBERTa, RoBERTa, DeBERTa and ModernBERT are read. Throws `not_found` for a file that is missing, `corrupt` for one that is damaged,
 * `invalid_config` for a model that is no cross-encoder.
 */
export async function openPairModelFolder(folder: string, options: PairModelFolderOptions = {}): Promise<OpenPairModel> {
  const [config, tokenizerConfig] = await Promise.all([readJson(folder, 'config.json'), readJson(folder, 'tokenizer_config.json', true)]);
  checkArchitecture(config ?? {}, folder);
  const maxTokens = tokenLimit(config ?? {}, tokenizerConfig ?? {}, options.maxTokens);
  const [tokenizer, file] = await Promise.all([openTokenizer(folder, tokenizerConfig ?? {}), onnxFile(folder, options.file)]);
  const batch = options.batch ?? ((await isDynamicInt8(file)) ? 1 : undefined);
  const { workers, runtime, executionProviders, id = basename(folder) } = options;
  const pool = options.pool ?? createOnnxPool({ workers, runtime, executionProviders });
  const close = async () => {
    if (!options.pool) await pool.close();
  };
  try {
    // By its path: the weights of a large model are in a second file beside it.
    const model = await openPairModel({ pool, file, tokenizer, id, maxTokens, batch });
    return { ...model, tokenizer, maxTokens, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Json = Readonly<Record<string, unknown>>;

async function readJson(folder: string, name: string, optional = false): Promise<Json | undefined> {
  const path = join(folder, name);
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (optional && cause.code === 'ENOENT') return undefined;
    throw missing(path, name, cause);
  });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw new ResiftError('corrupt', `${path} is not JSON: download it again.`, { cause, details: { file: name } });
  }
}

const missing = (path: string, name: string, cause?: unknown) =>
  new ResiftError(
    'not_found',
    `Cannot read ${path}: expected a folder with config.json, tokenizer.json or vocab.txt, and onnx/model.onnx.`,
    {
      cause,
      details: { file: name },
    },
  );

function checkArchitecture({ architectures }: Json, folder: string): void {
  if (!Array.isArray(architectures) || architectures.some((name) => String(name).includes('ForSequenceClassification'))) return;
  throw new ResiftError(
    'invalid_config',
    `The model in ${folder} is no cross-encoder: expected a …ForSequenceClassification, its config.json says ${architectures.join(', ')}.`,
  );
}

/** These count positions from behind the padding's id on. */
const COUNTS_FROM_PAD = /roberta|camembert|longformer|mpnet/;

function tokenLimit(config: Json, tokenizerConfig: Json, asked: number | undefined): number {
  const positions = Number(config['max_position_embeddings'] ?? Infinity);
  const unused = COUNTS_FROM_PAD.test(String(config['model_type'])) ? Number(config['pad_token_id'] ?? 1) + 1 : 0;
  // DeBERTa's positions are relative, and its number of them no limit; but nothing longer was seen in training.
  const limit = Math.min(positions - unused, Number(tokenizerConfig['model_max_length'] ?? Infinity));
  if (asked === undefined) return Math.min(limit, USUAL_TOKENS);
  if (Number.isInteger(asked) && asked >= 8 && asked <= limit) return asked;
  throw new ResiftError(
    'invalid_config',
    `Expected \`maxTokens\` to be a whole number from 8 to ${limit}, which the model was made for, got ${asked}.`,
  );
}

async function openTokenizer(folder: string, config: Json): Promise<PairTokenizer> {
  const json = await readJson(folder, 'tokenizer.json', true);
  if (json) return createTokenizer(json, { padToken: tokenText(config['pad_token']) });
  const path = join(folder, 'vocab.txt');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw missing(path, 'vocab.txt', cause);
  });
  const vocabulary = text.replaceAll('\r\n', '\n').split('\n');
  if (vocabulary.at(-1) === '') vocabulary.pop();
  return createWordPiece(vocabulary, { cased: config['do_lower_case'] === false });
}

function tokenText(token: unknown): string | undefined {
  if (typeof token === 'string') return token;
  return typeof token === 'object' && token !== null ? tokenText((token as Json)['content']) : undefined;
}

async function onnxFile(folder: string, asked: string | undefined): Promise<string> {
  for (const name of asked === undefined ? ONNX_FILES : [asked]) {
    const path = join(folder, name);
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (there) return path;
  }
  const expected = asked ?? ONNX_FILES.join(' or ');
  throw new ResiftError(
    'not_found',
    `There is no ${expected} in ${folder}: export the model to ONNX (\`optimum-cli export onnx --model … --task text-classification\`), or name its file with \`file\`.`,
    { details: { file: expected } },
  );
}

/** The operators of a graph stand in the file before its weights. */
const GRAPH_BYTES = 16 << 20;

async function isDynamicInt8(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const bytes = Buffer.alloc(Math.min(GRAPH_BYTES, (await handle.stat()).size));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead).includes('DynamicQuantizeLinear');
  } finally {
    await handle.close();
  }
}
