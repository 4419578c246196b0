import { mkdir, stat, statfs } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ResiftError } from '@resift/core';
import { downloadFile } from './hub-file.ts';
import { checkModelName, checkRevision, type HubFile, hubCommit, hubTree } from './hub-tree.ts';
import { fileSha256 } from './internal/file-sha256.ts';
import type { HubAccess } from './internal/hub-request.ts';
import { type CachedModel, readRecord, writeRecord } from './model-cache.ts';
import { ONNX_FILES } from './pair-model-folder.ts';

export interface HubOptions {
  /** Default `https://huggingface.co`. Applications read HF_ENDPOINT. */
  readonly endpoint?: string | undefined;
  /** Sent to the endpoint and nowhere else. Applications read HF_TOKEN. */
  readonly token?: string | undefined;
  /** Only what is in the cache; nothing is sent. Applications read HF_HUB_OFFLINE. */
  readonly offline?: boolean | undefined;
  /** Default `~/.cache/resift/models`. */
  readonly cacheFolder?: string | undefined;
  /** Silence that lasts longer is given up, and the transfer taken up again. Default 30,000. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
}

export interface PullProgress {
  /** Of which file the last bytes came. */
  readonly file: string;
  readonly doneBytes: number;
  /** Of all files. */
  readonly totalBytes: number;
}

export interface HubModel {
  /** `owner/name`. */
  readonly model: string;
  /** A commit, 40 hex digits: a branch may change under one's feet. */
  readonly revision: string;
  /** Path of the ONNX file. Default: `onnx/model.onnx`, else `model.onnx`. */
  readonly file?: string | undefined;
  /** What files must be, by path, beyond what the hub promises: sha256 in hex. */
  readonly sha256?: Readonly<Record<string, string>> | undefined;
}

export const DEFAULT_ENDPOINT = 'https://huggingface.co';
export const defaultCacheFolder = (): string => join(homedir(), '.cache', 'resift', 'models');

/**
 * The folder of a model of a hub, downloaded and verified where it is not in the cache yet. Throws `not_found` for a model, commit or file that is
 * not there, `invalid_config` where a token is needed, `corrupt` for another checksum, `unavailable` where the hub cannot be reached.
 */
export function pullModel(wanted: HubModel, options: HubOptions = {}): Promise<CachedModel> {
  checkModelName(wanted.model);
  checkRevision(wanted.revision);
  const folder = modelFolder(wanted, options.cacheFolder);
  // Two callers of one model: the second waits for what the first began, unless it could be cancelled under it.
  const key = JSON.stringify([folder, wanted.file, wanted.sha256]);
  const running = pulling.get(key);
  if (running && !options.signal && !running.signal) return running.work;
  const work = pull(wanted, folder, options);
  const entry = { work, signal: options.signal };
  if (!running) {
    pulling.set(key, entry);
    const done = () => pulling.get(key) === entry && pulling.delete(key);
    work.then(done, done);
  }
  return work;
}

const pulling = new Map<string, { work: Promise<CachedModel>; signal: AbortSignal | undefined }>();

/** The commit that a branch (default `main`) of a model stands at now. */
export async function newestRevision(model: string, options: HubOptions = {}, branch = 'main'): Promise<string> {
  checkModelName(model);
  if (options.offline) throw offlineError(model);
  return hubCommit(accessOf(options), model, branch, options.signal);
}

function modelFolder({ model, revision }: HubModel, cacheFolder: string = defaultCacheFolder()): string {
  return join(cacheFolder, model.replace('/', '--'), revision);
}

async function pull(wanted: HubModel, folder: string, options: HubOptions): Promise<CachedModel> {
  const { model, revision, sha256 = {} } = wanted;
  const { signal, onProgress } = options;
  const cached = await readRecord(folder);
  if (cached && hasFile(cached, wanted.file)) return promised(cached, sha256);
  if (options.offline) throw offlineError(model);
  const access = accessOf(options);
  const files = chosen(await hubTree(access, model, revision, signal), wanted).map((file) => ({
    ...file,
    sha256: sha256[file.path] ?? file.sha256,
  }));
  await mkdir(folder, { recursive: true });
  await checkSpace(folder, files);

  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let before = 0;
  for (const file of files) {
    const target = join(folder, file.path);
    const onBytes = (bytes: number) => onProgress?.({ file: file.path, doneBytes: before + bytes, totalBytes });
    if (!(await isThere(target, file))) {
      const path = `/${model}/resolve/${revision}/${file.path.split('/').map(encodeURIComponent).join('/')}`;
      await downloadFile(access, path, file, target, { signal, onBytes });
    }
    before += file.bytes;
    onBytes(0);
  }
  const hashes = await Promise.all(files.map(async ({ path, bytes }) => ({ path, bytes, sha256: await fileSha256(join(folder, path)) })));
  const kept = cached?.files.filter(({ path }) => !files.some((file) => file.path === path)) ?? [];
  const record = promised({ model, revision, endpoint: access.endpoint, folder, files: [...kept, ...hashes] }, sha256);
  await writeRecord(record);
  return record;
}

function accessOf({ endpoint = DEFAULT_ENDPOINT, token, timeoutMs = 30_000 }: HubOptions): HubAccess {
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    throw new ResiftError(
      'invalid_config',
      `Expected \`endpoint\` (HF_ENDPOINT) to be a URL like ${DEFAULT_ENDPOINT}, got ${JSON.stringify(endpoint)}.`,
    );
  }
  const { protocol, hostname } = new URL(endpoint);
  if (token !== undefined && protocol === 'http:' && !/^(127\.|\[::1\]$|localhost$)/.test(hostname)) {
    throw new ResiftError('invalid_config', `A token would go to ${endpoint} for all to read: use https, or no token.`);
  }
  return { endpoint: endpoint.replace(/\/+$/, ''), token, timeoutMs };
}

const TEXT_FILES = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'vocab.txt'];

function chosen(tree: readonly HubFile[], { model, file }: HubModel): HubFile[] {
  const onnx = (file === undefined ? ONNX_FILES : [file]).find((name) => tree.some(({ path }) => path === name));
  if (onnx === undefined || onnx.split('/').includes('..')) {
    const there = tree.map(({ path }) => path).filter((path) => path.endsWith('.onnx'));
    const help =
      there.length > 0
        ? `It has ${there.join(', ')}: name one with \`file\`.`
        : 'It has no ONNX file: look for an export of it (often of `onnx-community`), or make one with `optimum-cli export onnx`.';
    throw new ResiftError('not_found', `Expected ${file ?? ONNX_FILES.join(' or ')} in the model ${model}. ${help}`, {
      details: { model },
    });
  }
  // The weights of a large model are in a second file beside it.
  const wanted = new Set([...TEXT_FILES, onnx, `${onnx}_data`, `${onnx}.data`]);
  return tree.filter(({ path }) => wanted.has(path));
}

const hasFile = ({ files }: CachedModel, file: string | undefined) =>
  (file === undefined ? ONNX_FILES : [file]).some((name) => files.some(({ path }) => path === name));

function promised(model: CachedModel, sha256: Readonly<Record<string, string>>): CachedModel {
  const wrong = model.files.find(({ path, sha256: actual }) => sha256[path] !== undefined && sha256[path] !== actual);
  if (!wrong) return model;
  throw new ResiftError('corrupt', `${wrong.path} of ${model.model} is not the file whose sha256 was given.`, {
    details: { file: wrong.path },
  });
}

/** A file with its final name was verified when it got it. */
async function isThere(target: string, { bytes }: HubFile): Promise<boolean> {
  return (await stat(target).catch(() => undefined))?.size === bytes;
}

async function checkSpace(folder: string, files: readonly HubFile[]): Promise<void> {
  const needed = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= needed) return;
  throw new ResiftError(
    'unavailable',
    `There is no space for the model in ${folder}: it needs ${mebibytes(needed)}, ${mebibytes(bavail * bsize)} are free. Make room, or name another \`cacheFolder\`.`,
  );
}

const mebibytes = (bytes: number) => `${Math.ceil(bytes / 1048576)} MiB`;

const offlineError = (model: string) =>
  new ResiftError(
    'unavailable',
    `${model} is not in the cache, and nothing may be downloaded (offline). Get it with \`resift models pull ${model}\` first.`,
    {
      details: { model },
    },
  );
