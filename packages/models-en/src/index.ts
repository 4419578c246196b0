import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Folder of the shipped files: `manifest.json`, the ONNX models, the vocabulary, the lexicon. */
export const modelsFolder: string = fileURLToPath(new URL('../models', import.meta.url));

/** Version of this package, hence of the models. */
export const version: string = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
  .version;

/** Address of the ONNX Runtime that was installed with the models, for the `runtime` of a pool. Throws when it is not there. */
export function onnxRuntime(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('onnxruntime-node')).href;
}
