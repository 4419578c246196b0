import { isResiftError } from '@resift/core';
import type { FileEntry } from '@resift/models/manifest';
import { type Check, failed, ok, sentence } from './check.ts';

const REINSTALL = 'Install @resift/models-en again: `npm install --onnxruntime-node-install=skip`.';

/** The native library that runs the models. */
export async function runtimeCheck(load: () => Promise<unknown> = loadRuntime): Promise<Check> {
  try {
    const version = versionOf(await load());
    return ok('onnxruntime', `onnxruntime-node${version && ` ${version}`} loads`);
  } catch (error) {
    return failed(
      'onnxruntime',
      `onnxruntime-node does not load: ${sentence(error)}`,
      'It has binaries for Linux with glibc (not Alpine’s musl), macOS and Windows, on x64 and arm64. On one of these, install again: `npm install --onnxruntime-node-install=skip`.',
    );
  }
}

async function loadRuntime(): Promise<unknown> {
  const { onnxRuntime } = await import('@resift/models-en');
  return import(onnxRuntime());
}

function versionOf(module: unknown): string {
  type Runtime = { env?: { versions?: { node?: string } } };
  const { default: inner, ...outer } = module as Runtime & { default?: Runtime };
  return (inner ?? outer).env?.versions?.node ?? '';
}

/** Every file of the models against the manifest's sha256. `folder` is that of the shipped models where it is left out. */
export async function modelFilesCheck(folder?: string): Promise<Check> {
  const { readManifest, verifiedFile } = await import('@resift/models/manifest');
  const models = folder ?? (await import('@resift/models-en')).modelsFolder;
  try {
    const manifest = await readManifest(models);
    const files: FileEntry[] = [
      manifest.vocab,
      manifest.lexicon,
      ...Object.entries(manifest.files).map(([file, digest]) => ({ file, ...digest })),
    ];
    const wrong: string[] = [];
    for (const entry of files) {
      await verifiedFile(models, entry).catch((error: unknown) => {
        if (!isResiftError(error, 'corrupt')) throw error;
        wrong.push(`${entry.file} (${sentence(error)})`);
      });
    }
    if (wrong.length > 0) return failed('models', `${wrong.length} of ${files.length} files are damaged: ${wrong.join('; ')}`, REINSTALL);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    return ok('models', `${files.length} files (${Math.round(bytes / 1e6)} MB, version ${manifest.version}) have the right sha256`);
  } catch (error) {
    return failed('models', sentence(error), REINSTALL);
  }
}

/** Whether a model gives the right order: that everything before works together. */
export async function rankCheck(signal: AbortSignal): Promise<Check> {
  const { localReranker } = await import('resift');
  try {
    const reranker = await localReranker({ size: 'tiny', workers: 1 });
    try {
      const texts = ['Berlin is the capital of Germany.', 'Paris is the capital of France.'];
      const documents = texts.map((text, i) => ({ id: String(i), text }));
      const { items } = await reranker.rerank('What is the capital of France?', documents, { signal });
      if (items[0]?.index === 1)
        return ok('ranking', `a probe was ranked right (${items.map(({ score }) => score.toFixed(2)).join(', ')})`);
      return failed('ranking', 'a probe was ranked wrong: this processor does not compute what the models were made for', REINSTALL);
    } finally {
      await reranker.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    return failed('ranking', `a probe failed: ${sentence(error)}`, REINSTALL);
  }
}
