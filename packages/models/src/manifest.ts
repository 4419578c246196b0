import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ResiftError } from '@resift/core';
import { z } from 'zod';

/** What `models/manifest.json` of `@resift/models-en` says (its CONTRACT.md). */
export interface Manifest {
  readonly version: string;
  /** What the models were made from. */
  readonly base: string;
  readonly vocab: FileEntry;
  readonly lexicon: FileEntry & { readonly documents: number };
  /** Checksums of the ONNX files, by name. */
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>;
  readonly encoders: Readonly<Record<string, EncoderEntry>>;
  readonly rankers: Readonly<Record<string, RankerEntry | CascadeEntry>>;
  readonly readers: Readonly<Record<string, ReaderEntry>>;
  readonly ground: Readonly<Record<string, GroundEntry>>;
}

/** `batch`: most texts of one run, 1 where a score may depend on what it is run with. */
export interface EncoderEntry {
  readonly file: string;
  readonly maxTokens: number;
  readonly queryTokens?: number | undefined;
  readonly dimensions: number;
  readonly tokenDimensions: number;
  readonly batch?: number | undefined;
}

/** A linear model: `bias + sum of weights[i] * (feature i - mean[i]) / scale[i]`. */
export interface LinearHead {
  readonly features: readonly string[];
  readonly mean: readonly number[];
  readonly scale: readonly number[];
  readonly weights: readonly number[];
  readonly bias: number;
}

/** From a logit to a probability: Platt's sigmoid(a * logit + b), or isotonic, a line through the points (x, y). */
export type Calibration =
  | { readonly kind: 'platt'; readonly a: number; readonly b: number }
  | { readonly kind: 'isotonic'; readonly x: readonly number[]; readonly y: readonly number[] };

export interface RankerEntry extends LinearHead {
  /** Name of the encoder whose vectors the features come from. */
  readonly encoder: string;
  /** Name of the encoder for queries, where it is another one of the same space. */
  readonly queryEncoder?: string | undefined;
  readonly calibration?: Calibration | undefined;
  /** Probabilities from which on a score is called very likely, or likely. */
  readonly thresholds?: { readonly very_likely: number; readonly likely: number } | undefined;
  readonly firstStageWeight?: number | undefined;
}

export interface CascadeEntry {
  readonly fast: string;
  readonly accurate: string;
  /** How many of the fast ranker's best the accurate one reads. */
  readonly keep: number;
}

/** A model that reads two texts, the second in windows. Its head weighs the features of its FEATURES-*.md. */
interface PairEntry extends LinearHead {
  readonly file: string;
  /** Tokens of a window, with the special ones. */
  readonly maxTokens: number;
  /** Tokens that a window shares with the one before. */
  readonly stride: number;
  readonly calibration: Calibration;
  readonly threshold: number;
  /** Most windows of one run. Default 1. */
  readonly batch?: number | undefined;
}

export interface ReaderEntry extends PairEntry {
  readonly maxQuestionTokens: number;
  readonly maxAnswerTokens: number;
}

export interface GroundEntry extends PairEntry {
  readonly maxClaimTokens: number;
  /** Most windows of one context that are run. */
  readonly maxWindows: number;
}

const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a plain file name, without folders');
const digest = { sha256: z.string().regex(/^[0-9a-f]{64}$/, 'a sha256 in hex'), bytes: z.int().positive() };
const count = z.int().positive();
const numbers = z.array(z.number());

const calibration = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('platt'), a: z.number(), b: z.number() }),
  z.object({ kind: z.literal('isotonic'), x: numbers.min(1), y: z.array(z.number().min(0).max(1)).min(1) }),
]);
const head = { features: z.array(z.string()).min(1), mean: numbers, scale: numbers, weights: numbers, bias: z.number() };
const sameLengths = ({ features, mean, scale, weights }: LinearHead) =>
  [mean, scale, weights].every((each) => each.length === features.length);
const onePerFeature = 'mean, scale and weights need one number per feature';

const ranker = z
  .object({
    encoder: z.string(),
    queryEncoder: z.string().optional(),
    ...head,
    calibration: calibration.optional(),
    thresholds: z.object({ very_likely: z.number(), likely: z.number() }).optional(),
    firstStageWeight: z.number().optional(),
  })
  .refine(sameLengths, onePerFeature);
const cascade = z.object({ fast: z.string(), accurate: z.string(), keep: count });
const encoder = z.object({
  file: fileName,
  maxTokens: count,
  queryTokens: count.optional(),
  dimensions: count,
  tokenDimensions: count,
  batch: count.optional(),
});
const pair = { file: fileName, maxTokens: count, stride: count, ...head, calibration, threshold: z.number(), batch: count.optional() };
const reader = z.object({ ...pair, maxQuestionTokens: count, maxAnswerTokens: count }).refine(sameLengths, onePerFeature);
const ground = z.object({ ...pair, maxClaimTokens: count, maxWindows: count }).refine(sameLengths, onePerFeature);

// Entries may say more than is read here: fields that are not known are dropped.
const schema: z.ZodType<Manifest> = z.object({
  version: z.string(),
  base: z.string(),
  vocab: z.object({ file: fileName, ...digest }),
  lexicon: z.object({ file: fileName, ...digest, documents: count }),
  files: z.record(fileName, z.object(digest)),
  encoders: z.record(z.string(), encoder).default({}),
  rankers: z.record(z.string(), z.union([ranker, cascade])).default({}),
  readers: z.record(z.string(), reader).default({}),
  ground: z.record(z.string(), ground).default({}),
});

/** A file of a models folder and what it has to be. */
export interface FileEntry {
  readonly file: string;
  readonly sha256: string;
  /** Size. */
  readonly bytes: number;
}

/** Reads and checks `manifest.json` of a folder of models. Throws `corrupt`, naming the file and every field that is wrong. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, 'manifest.json');
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw corrupt(
      'manifest.json',
      `Cannot read ${path}. Expected the folder of the models: a bundle needs @resift/models-en installed beside it, or the option \`folder\`.`,
      cause,
    );
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw corrupt('manifest.json', `${path} is not JSON. Install the package again.`, cause);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw corrupt('manifest.json', `${path} does not have the expected form:\n${z.prettifyError(parsed.error)}`, parsed.error);
}

/** Finds the entry of an ONNX file by its name. */
export function modelFile(manifest: Manifest, file: string): FileEntry {
  const found = manifest.files[file];
  if (found) return { file, ...found };
  throw corrupt(file, `manifest.json names the model ${file} but not its checksum.`);
}

/**
 * The file's bytes, if they are exactly those that the manifest promises; else throws `corrupt`, naming the file.
 * Reads in pieces, so that hashing a large file does not hold up the event loop. Follows no link.
 */
export async function verifiedFile(folder: string, entry: FileEntry): Promise<Uint8Array> {
  const path = join(folder, entry.file);
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((cause) => {
    throw corrupt(entry.file, `Cannot open the model file ${path}. Install the package again.`, cause);
  });
  try {
    const stat = await handle.stat();
    if (!stat.isFile() || stat.size !== entry.bytes) {
      throw corrupt(entry.file, `The model file ${path} has ${stat.size} bytes instead of ${entry.bytes}. Install the package again.`);
    }
    return await readHashed(handle, path, entry);
  } finally {
    await handle.close();
  }
}

const PIECE = 1 << 20;

async function readHashed(handle: FileHandle, path: string, entry: FileEntry): Promise<Uint8Array> {
  const bytes = new Uint8Array(entry.bytes);
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, at, Math.min(PIECE, bytes.length - at), at);
    if (bytesRead === 0) throw corrupt(entry.file, `The model file ${path} ended while it was read. Install the package again.`);
    hash.update(bytes.subarray(at, at + bytesRead));
    at += bytesRead;
  }
  if (hash.digest('hex') === entry.sha256) return bytes;
  throw corrupt(entry.file, `The model file ${path} is damaged: its sha256 is not the one in manifest.json. Install the package again.`);
}

function corrupt(file: string, message: string, cause?: unknown) {
  return new ResiftError('corrupt', message, { cause, details: { file } });
}
