import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const home = homeFolder();

/**
 * Folder of the shipped files: `manifest.json`, the ONNX models, the vocabulary, the lexicon. In a bundle it is the folder of the package as Node finds it from the bundle or the working directory; where
 * it is not installed there, this names a folder that does not exist.
 */
export const modelsFolder: string = join(home, 'models');

/** Version of this package, hence of the models; `unknown` in a bundle beside which it is not installed. */
export const version: string = versionIn(join(home, 'package.json'));

/** Address of the ONNX Runtime that was installed with the models, for the `runtime` of a pool; its bare name where it is not found, which the pool then reports. */
export function onnxRuntime(): string {
  for (const from of [home, bundleFolder(), process.cwd()]) {
    const found = resolved('onnxruntime-node', from);
    if (found) return pathToFileURL(found).href;
  }
  return 'onnxruntime-node';
}

/** This package's folder: the parent of the folder of this file, unless a bundler moved the code away from it. */
function homeFolder(): string {
  const own = join(bundleFolder(), '..');
  if (existsSync(join(own, 'models', 'manifest.json'))) return own;
  for (const from of [bundleFolder(), process.cwd()]) {
    const through = resolved('resift', from);
    const found = resolved('@resift/models-en', from) ?? (through && resolved('@resift/models-en', dirname(through)));
    if (found) return join(dirname(found), '..');
  }
  return own;
}

/** Folder of this file, or of the bundle that holds it. */
function bundleFolder(): string {
  // No `new URL(..., import.meta.url)`: bundlers take that as an order to copy a file. Empty in CommonJS bundles, a fancy in Next.js.
  const here: string | undefined = import.meta.url;
  return here?.startsWith('file:') ? dirname(fileURLToPath(here)) : process.cwd();
}

function resolved(name: string, from: string): string | undefined {
  try {
    return createRequire(join(from, 'index.js')).resolve(name);
  } catch {
    return undefined;
  }
}

function versionIn(manifest: string): string {
  try {
    return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
  } catch {
    return 'unknown';
  }
}
