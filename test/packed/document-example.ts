import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { EmptyProject } from './project.ts';

const root = join(import.meta.dirname, '../..');

/**
 * Writes the TypeScript block of a document that holds `marker`, word for word, and `more` behind it, into a project as the module `name`.mjs. Throws where there is not exactly one such block.
 */
export function documentExample(project: EmptyProject, name: string, from: { document: string; marker: string }, more = ''): void {
  const blocks = [...readFileSync(join(root, from.document), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code]) => code!);
  const found = blocks.filter((code) => code.includes(from.marker));
  if (found.length !== 1) throw new Error(`Expected one block of ${from.document} that holds ${from.marker}, got ${found.length}.`);
  project.write(`${name}.mts`, `${found[0]}\n${more}\n`);
  const source = join(project.folder, `${name}.mts`);
  // Types are checked by test/architecture; here they only go away.
  const flags = ['--noCheck', '--noResolve', '--ignoreConfig', '--module', 'esnext', '--target', 'es2023', '--removeComments'];
  execFileSync(join(root, 'node_modules/.bin/tsc'), [source, ...flags, '--outDir', join(project.folder, 'examples')]);
  renameSync(join(project.folder, 'examples', `${name}.mjs`), join(project.folder, `${name}.mjs`));
}

/** Checks the types of all TypeScript and JavaScript blocks of a document, one after the other as a reader types them, in a project that has what they import. */
export function checkTypesOf(project: EmptyProject, document: string, declarations: string): void {
  const blocks = [...readFileSync(join(root, document), 'utf8').matchAll(/^```(?:ts|js)\n([\s\S]*?)^```/gm)].map(([, code]) => code!);
  project.write('whole.mts', `${declarations}\n${blocks.join('\n')}`);
  const flags = ['--noEmit', '--strict', '--ignoreConfig', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023', '--types', ''];
  const { stdout, status } = spawnSync(join(root, 'node_modules/.bin/tsc'), [join(project.folder, 'whole.mts'), ...flags], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${document} does not compile:\n${stdout}`);
}
