import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EmptyProject } from './project.ts';

const root = join(import.meta.dirname, '../..');

/**
 * Writes the TypeScript block of a document that holds `marker`, word for word, and `more` behind it, into a project as `name`.mts; `--import` {@link TYPESCRIPT} runs it. Throws where there is not exactly one such block.
 */
export function documentExample(project: EmptyProject, name: string, from: { document: string; marker: string }, more = ''): void {
  const found = blocksOf(from.document, 'ts').filter((code) => code.includes(from.marker));
  if (found.length !== 1) throw new Error(`Expected one block of ${from.document} that holds ${from.marker}, got ${found.length}.`);
  project.write(`${name}.mts`, `${found[0]}\n${more}\n`);
}

/** Lets Node 20 run TypeScript in a project that has nothing for it. */
export const TYPESCRIPT: string = join(root, 'node_modules/tsx/dist/loader.mjs');

/** Checks the types of all TypeScript and JavaScript blocks of a document, one after the other as a reader types them, in a project that has what they import. */
export function checkTypesOf(project: EmptyProject, document: string, declarations: string): void {
  project.write('whole.mts', `${declarations}\n${blocksOf(document, 'ts|js').join('\n')}`);
  const compilerOptions = { isolatedDeclarations: false, declaration: false, types: [], customConditions: [] };
  const config = { extends: join(root, 'configs/tsconfig/base.json'), compilerOptions, files: ['whole.mts'] };
  project.write('tsconfig.json', JSON.stringify(config));
  const { stdout, status } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', project.folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${document} does not compile:\n${stdout}`);
}

function blocksOf(document: string, languages: string): string[] {
  const block = new RegExp(`^\`\`\`(?:${languages})\n([\\s\\S]*?)^\`\`\``, 'gm');
  return [...readFileSync(join(root, document), 'utf8').matchAll(block)].map(([, code]) => code!);
}
