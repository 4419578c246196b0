import { type Closable, type GroundednessModel, ResiftError, type SpanReader } from '@resift/core';
import { type Encoder, openEncoder } from './encoder.ts';
import { openGroundedness } from './groundedness.ts';
import { type Lexicon, readLexicon } from './lexicon.ts';
import { type Manifest, modelFile, readManifest, verifiedFile } from './manifest.ts';
import { createOnnxPool, type OnnxPool, type OnnxSource } from './onnx-pool.ts';
import { openSpanReader } from './span-reader.ts';
import { createWordPiece, type WordPiece } from './wordpiece.ts';

export interface EmbeddedOptions {
  /** Threads of the pool that is made. Default: see `createOnnxPool`. */
  readonly workers?: number | undefined;
  /** Run in this pool, which stays open when the models are closed. Default: a pool of their own. */
  readonly pool?: OnnxPool | undefined;
  /** What the pool's workers import to get ONNX Runtime; `onnxRuntime()` of `@resift/models-en` says. Default 'onnxruntime-node'. */
  readonly runtime?: string | undefined;
  /** For the pool that is made: see `createOnnxPool`. */
  readonly workerFile?: string | undefined;
}

/** A folder of models, each opened when it is first asked for and checked against the manifest before. */
export interface EmbeddedModels extends Closable {
  readonly manifest: Manifest;
  readonly pool: OnnxPool;
  readonly tokenizer: WordPiece;
  readonly lexicon: Lexicon;
  /** One of the manifest's encoders, e.g. 'embed' or 'tiny'; `not_found` for another name. */
  encoder(name: string): Promise<Encoder>;
  /** Default 'read'. */
  reader(name?: string): Promise<SpanReader>;
  /** Default 'ground'. */
  groundedness(name?: string): Promise<GroundednessModel>;
  /** First 12 hex digits of the sha256 of the file behind an encoder, ranker, reader or groundedness model. */
  hash(name: string): string;
}

/** Opens a folder of models (`modelsFolder` of `@resift/models-en`). Damaged files are refused as `corrupt`, by name. */
export async function openEmbedded(folder: string, options: EmbeddedOptions = {}): Promise<EmbeddedModels> {
  const manifest = await readManifest(folder);
  const [vocabulary, lexicon] = await Promise.all([
    verifiedFile(folder, manifest.vocab).then(linesOf),
    verifiedFile(folder, manifest.lexicon).then(readLexicon),
  ]);
  const tokenizer = createWordPiece(vocabulary);
  const pool = options.pool ?? createOnnxPool({ workers: options.workers, runtime: options.runtime, workerFile: options.workerFile });
  const opened = new Map<string, Promise<unknown>>();

  /** Opens once; a failure is not remembered. */
  function once<T>(key: string, open: () => Promise<T>): Promise<T> {
    const known = opened.get(key);
    if (known) return known as Promise<T>;
    const made = open();
    opened.set(key, made);
    made.catch(() => opened.delete(key));
    return made;
  }

  // Two models may be one file with the outputs of both: its session is shared.
  const sharing = { ...pool, open: (source: OnnxSource, { name = '' } = {}) => once(`file ${name}`, () => pool.open(source, { name })) };
  const parts = (name: string, file: string) => {
    const entry = modelFile(manifest, file);
    const hash = entry.sha256.slice(0, 12);
    return { pool: sharing, tokenizer, name: file, file: () => verifiedFile(folder, entry), id: `${name}@${manifest.version}#${hash}` };
  };

  const close = async () => {
    if (!options.pool) await pool.close();
  };

  return {
    manifest,
    pool,
    tokenizer,
    lexicon,
    async encoder(name) {
      const spec = entryOf(manifest.encoders, name, 'encoder');
      return once(`encoder ${name}`, () => openEncoder({ ...parts(name, spec.file), spec }));
    },
    async reader(name = 'read') {
      const spec = entryOf(manifest.readers, name, 'reader');
      return once(`reader ${name}`, () => openSpanReader({ ...parts(name, spec.file), spec }));
    },
    async groundedness(name = 'ground') {
      const spec = entryOf(manifest.ground, name, 'groundedness model');
      return once(`ground ${name}`, () => openGroundedness({ ...parts(name, spec.file), spec, lexicon }));
    },
    hash(name) {
      const file = fileOf(manifest, name);
      if (file) return modelFile(manifest, file).sha256.slice(0, 12);
      throw new ResiftError('not_found', `The models in ${folder} have nothing called "${name}".`);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function linesOf(bytes: Uint8Array): string[] {
  const lines = new TextDecoder().decode(bytes).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function entryOf<Entry>(entries: Readonly<Record<string, Entry>>, name: string, kind: string): Entry {
  const found = Object.hasOwn(entries, name) ? entries[name] : undefined;
  if (found) return found;
  throw new ResiftError('not_found', `There is no ${kind} "${name}"; there is: ${Object.keys(entries).join(', ') || 'none'}.`);
}

function fileOf(manifest: Manifest, name: string): string | undefined {
  // A ranker and its encoder may share a name: `tiny` is both.
  const ranker = Object.hasOwn(manifest.rankers, name) ? manifest.rankers[name] : undefined;
  if (ranker) return 'fast' in ranker ? fileOf(manifest, ranker.accurate) : manifest.encoders[ranker.encoder]?.file;
  return [manifest.encoders, manifest.readers, manifest.ground].find((entries) => Object.hasOwn(entries, name))?.[name]?.file;
}
