import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ResiftError } from '@resift/core';

/**
 * Path of the file that a worker thread runs: `given`, else the one beside this. A bundler moves the code away from it; then it is the one of the installed `@resift/models`, as Node finds it from the bundle
 * or the working directory. Throws `unavailable` with what to do where there is neither.
 */
export function workerFile(given?: string): string {
  if (given !== undefined) {
    if (existsSync(given)) return given;
    throw new ResiftError(
      'invalid_config',
      `Expected \`workerFile\` to be the path of onnx-worker.js of @resift/models; there is no file ${given}.`,
    );
  }
  // No `new URL(..., import.meta.url)`: bundlers take that as an order to copy a file. Empty in CommonJS bundles, a fancy in Next.js.
  const here: string | undefined = import.meta.url;
  const folder = here?.startsWith('file:') ? dirname(fileURLToPath(here)) : process.cwd();
  const beside = join(folder, `onnx-worker.${here?.endsWith('.ts') ? 'ts' : 'js'}`);
  if (existsSync(beside)) return beside;
  for (const from of [folder, process.cwd()]) {
    for (const through of [undefined, 'resift', '@resift/models-en']) {
      try {
        const require = createRequire(join(from, 'index.js'));
        const inner = through === undefined ? require : createRequire(require.resolve(through));
        return inner.resolve('@resift/models/internal/onnx-worker');
      } catch {
        // Not installed there; the next place may have it.
      }
    }
  }
  throw new ResiftError(
    'unavailable',
    `Cannot find onnx-worker.js of @resift/models at ${beside}: this code was bundled, and the package is not installed beside the bundle. Keep resift, @resift/models, @resift/models-en and onnxruntime-node external (esbuild: \`--packages=external\`; Next.js: \`serverExternalPackages\`), or name the file with the option \`workerFile\`.`,
    { details: { reason: 'unavailable', file: beside } },
  );
}
