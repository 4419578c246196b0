import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

function markdownUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (['node_modules', 'dist', 'data', '.git', '.artifacts', '.runs', '.turbo', 'fixtures'].includes(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return markdownUnder(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

const blocks = markdownUnder(root).flatMap((path) =>
  [...readFileSync(path, 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code], i) => ({
    name: `${relative(root, path)}#${i + 1}`,
    code: code!,
  })),
);

it('compiles every TypeScript block of every README and document', async () => {
  // Beside the test package, whose node_modules holds every package of the workspace.
  const folder = join(root, 'test/.artifacts/readme');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { name, code } of blocks) writeFileSync(join(folder, `${name.replaceAll(/[^\w]+/g, '-')}.ts`), `${code}\nexport {};\n`);
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../../configs/tsconfig/base.json',
      compilerOptions: { isolatedDeclarations: false, declaration: false },
      include: ['*.ts'],
    }),
  );

  const tsc = join(root, 'node_modules/.bin/tsc');
  const { stdout } = await promisify(execFile)(tsc, ['-p', folder, '--noEmit']).catch((error: { stdout: string }) => error);
  expect(stdout).toBe('');
  expect(blocks.length).toBeGreaterThan(0);
});

it('links only to files that exist', () => {
  const broken = markdownUnder(root).flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)]
      .map(([, target]) => join(path, '..', decodeURI(target!)))
      .filter((target) => !existsAt(target))
      .map((target) => `${relative(root, path)} -> ${relative(root, target)}`),
  );
  expect(broken).toEqual([]);
});

function existsAt(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOTDIR';
  }
}
