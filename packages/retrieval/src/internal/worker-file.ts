import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ResiftError } from '@resift/core';

/**
 * Path of the file that the threads which read files run: beside this one. A bundler moves the code away from it; then it is the one of the installed `@resift/retrieval`, as Node finds it from the bundle
 * or the working directory. Throws `unavailable` with what to do where there is neither.
 */
export function workerFile(): string {
  // No `new URL(..., import.meta.url)`: bundlers take that as an order to copy a file. Empty in CommonJS bundles, a fancy in Next.js.
  const here: string | undefined = import.meta.url;
  const folder = here?.startsWith('file:') ? dirname(fileURLToPath(here)) : process.cwd();
  const beside = join(folder, `parse-worker.${here?.endsWith('.ts') ? 'ts' : 'js'}`);
  if (existsSync(beside)) return beside;
  for (const from of [folder, process.cwd()]) {
    for (const through of [undefined, 'resift']) {
      try {
        const require = createRequire(join(from, 'index.js'));
        const inner = through === undefined ? require : createRequire(require.resolve(through));
        return inner.resolve('@resift/retrieval/internal/parse-worker');
      } catch {
        // Not installed there; the next place may have it.
      }
    }
  }
  throw new ResiftError(
    'unavailable',
    `Cannot find parse-worker.js of @resift/retrieval at ${beside}: this code was bundled, and the package is not installed beside the bundle. Keep @resift/retrieval external (esbuild: \`--packages=external\`; Next.js: \`serverExternalPackages\`).`,
    { details: { reason: 'unavailable', file: beside } },
  );
}
