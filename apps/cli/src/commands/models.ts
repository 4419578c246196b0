import { ResiftError } from '@resift/core';
import type { PullProgress } from '@resift/models/hub-model';
import type { CachedModel } from '@resift/models/model-cache';
import { Command } from 'commander';
import { hubSettings } from '../config.ts';
import { untilInterrupted } from '../interrupt.ts';
import type { ListedModel } from '../models/embedded-files.ts';
import { colours, print, progressLine } from '../terminal.ts';

interface CacheOptions {
  readonly cacheDir?: string;
  readonly json: boolean;
}

interface PullOptions extends CacheOptions {
  readonly revision?: string;
  readonly file?: string;
  readonly sha256: Readonly<Record<string, string>>;
  readonly offline: boolean;
}

/** `resift models`: what is there, more from a hub, and whether all of it is still what it was. */
export function modelsCommand(): Command {
  const command = new Command('models').description(
    'The models inside resift and those of a hub: list them, download more, check their files.',
  );
  withCache(command.command('list').description('List the embedded models and those that were downloaded.')).action(list);
  withCache(command.command('pull'))
    .description('Download an ONNX cross-encoder from a hub, with its checksums verified; goes on where an earlier download broke off.')
    .argument('<model>', 'owner/name, for example onnx-community/bge-reranker-v2-m3-ONNX')
    .option('-r, --revision <commit>', 'the commit, 40 hex digits (default: the newest, which is printed)')
    .option('-f, --file <path>', 'the ONNX file, for example onnx/model_quantized.onnx (default: onnx/model.onnx or model.onnx)')
    .option('--sha256 <path=hex>', 'what a file must be, beyond what the hub promises; may be repeated', checksum, {})
    .option('--offline', 'take it from the cache only (default: HF_HUB_OFFLINE)', false)
    .addHelpText('after', '\nThe environment: HF_ENDPOINT (a mirror), HF_TOKEN, HF_HUB_OFFLINE, RESIFT_MODELS_DIR.')
    .action(pull);
  withCache(
    command.command('verify').description('Compute the sha256 of every file of every model. Exit code 1 where one is not what it was.'),
  ).action(verify);
  return command;
}

const withCache = (command: Command) =>
  command
    .option('--cache-dir <folder>', 'where downloaded models are (default: RESIFT_MODELS_DIR or ~/.cache/resift/models)')
    .option('--json', 'print JSON', false);

function checksum(value: string, known: Readonly<Record<string, string>>): Record<string, string> {
  const [, path, sha256] = /^(.+)=([0-9a-fA-F]{64})$/.exec(value) ?? [];
  if (!path || !sha256)
    throw new ResiftError('invalid_input', `Expected --sha256 as path=hex with 64 hex digits, got ${JSON.stringify(value)}.`);
  return { ...known, [path]: sha256.toLowerCase() };
}

/** Loaded by the command that needs them, so that no other waits for them. */
async function load() {
  const [{ defaultCacheFolder, newestRevision, pullModel }, { cachedModels, damagedFiles }, { embeddedFiles }] = await Promise.all([
    import('@resift/models/hub-model'),
    import('@resift/models/model-cache'),
    import('../models/embedded-files.ts'),
  ]);
  const cached = (cacheDir: string | undefined) => cachedModels(hubSettings(cacheDir).cacheFolder ?? defaultCacheFolder());
  return { newestRevision, pullModel, cached, damagedFiles, embeddedFiles };
}

const listed = ({ model, revision, folder, files }: CachedModel): ListedModel => ({
  model,
  source: 'hub',
  revision,
  folder,
  bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
});

async function list({ cacheDir, json }: CacheOptions): Promise<void> {
  const { cached, embeddedFiles } = await load();
  const { models } = await embeddedFiles();
  const all = [...models, ...(await cached(cacheDir)).map(listed)];
  print(all, { json, text: () => all.map(line).join('\n') });
}

const line = ({ model, source, revision, bytes, folder }: ListedModel) =>
  `${colours.bold(model)}  ${source}, ${revision.slice(0, 12)}, ${mebibytes(bytes)}${source === 'hub' ? `\n  ${colours.dim(folder)}` : ''}`;

async function pull(model: string, { revision, file, sha256, offline, cacheDir, json }: PullOptions): Promise<void> {
  const { newestRevision, pullModel } = await load();
  const status = progressLine();
  const hub = hubSettings(cacheDir);
  const options = { ...hub, offline: offline || hub.offline, onProgress: (progress: PullProgress) => status.show(shown(model, progress)) };
  const pulled = await untilInterrupted(async (signal) => {
    const commit = revision ?? (await newestRevision(model, { ...options, signal }));
    return pullModel({ model, revision: commit, file, sha256 }, { ...options, signal });
  }).finally(() => status.clear());
  print(pulled, {
    json,
    text: () =>
      `${colours.green('✓')} ${pulled.model} at ${pulled.revision}, ${pulled.files.length} files, ${mebibytes(listed(pulled).bytes)}\n${pulled.folder}`,
  });
}

const shown = (model: string, { file, doneBytes, totalBytes }: PullProgress) =>
  `${model}: ${Math.floor((100 * doneBytes) / Math.max(1, totalBytes))} % of ${mebibytes(totalBytes)}, ${file}`;

async function verify({ cacheDir, json }: CacheOptions): Promise<void> {
  const { cached, damagedFiles, embeddedFiles } = await load();
  const status = progressLine();
  const results: { model: string; revision: string; damaged: readonly string[] }[] = [];
  await untilInterrupted(async (signal) => {
    const { models, damaged } = await embeddedFiles({ verify: true });
    results.push({ model: models[0]!.model, revision: models[0]!.revision, damaged });
    for (const downloaded of await cached(cacheDir)) {
      signal.throwIfAborted();
      const { model, revision } = downloaded;
      status.show(model);
      results.push({ model, revision, damaged: await damagedFiles(downloaded) });
    }
  }).finally(() => status.clear());
  print(results, { json, text: () => results.map(({ model, damaged }) => verdict(model, damaged)).join('\n') });
  if (results.some(({ damaged }) => damaged.length > 0)) process.exitCode = 1;
}

const verdict = (model: string, damaged: readonly string[]) =>
  damaged.length === 0
    ? `${colours.green('✓')} ${model}`
    : `${colours.red('✗')} ${model}: ${damaged.join(', ')} not as downloaded: delete the folder and get it again`;

const mebibytes = (bytes: number) => `${(bytes / 1048576).toFixed(1)} MiB`;
