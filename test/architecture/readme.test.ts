import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

function markdownUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (['node_modules', 'dist', 'data', '.git', '.artifacts', '.runs', '.turbo', 'fixtures'].includes(entry.name)) return [];
    const path = join(folder, entry.name);
    if (path === join(root, 'docs/api')) return []; // generated, not committed
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

it('links only to files that exist, and to headings that are there', () => {
  const broken = markdownUnder(root).flatMap((path) =>
    linksIn(readFileSync(path, 'utf8'))
      .filter(({ target, anchor }) => {
        const file = target === '' ? path : join(path, '..', decodeURI(target));
        if (!existsSync(file)) return true;
        return anchor !== '' && file.endsWith('.md') && !anchorsOf(readFileSync(file, 'utf8')).has(anchor);
      })
      .map(({ target, anchor }) => `${relative(root, path)} -> ${target}${anchor && `#${anchor}`}`),
  );
  expect(broken).toEqual([]);
});

it('takes figures and references from the code and results that are there: npm run docs:generate', async () => {
  const generator = ['--conditions=@resift/source', '--import', 'tsx', join(root, 'scripts/docs/generate.ts'), '--check'];
  const { stdout } = await promisify(execFile)(process.execPath, generator, { cwd: root }).catch((error: { stdout: string }) => error);
  expect(stdout.trim()).toBe('Everything generated is up to date.');
});

/** Links to files and headings of the repository, those in code left out. */
function linksIn(text: string): { target: string; anchor: string }[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].map(([, target = '', anchor = '']) => ({
    target,
    anchor,
  }));
}

/** A heading's address as GitHub and the documentation site make it. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+\s+(.*)$/gm)].map(([, heading]) => heading!.toLowerCase());
  return new Set(
    headings.map((heading) =>
      heading
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  );
}
