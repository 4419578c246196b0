import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(path, 'utf8');

function filesUnder(folder: string, wanted: RegExp): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (['node_modules', 'dist', 'fixtures', 'golden', '.runs'].includes(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesUnder(path, wanted);
    return wanted.test(entry.name) ? [path] : [];
  });
}

const CODE = /\.(ts|tsx|mjs|py)$/;
const IMPORT = /(?:from\s+|import\s*\(\s*|import\s+)'([^'.][^']*)'/g;
const packagesIn = (top: string) =>
  readdirSync(join(root, top))
    .map((name) => join(root, top, name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, name: relative(root, folder), manifest: JSON.parse(read(join(folder, 'package.json'))) }));

const ALLOWED_BARRELS = [
  'packages/core/src/index.ts',
  'packages/rag/src/index.ts',
  'packages/resift/src/index.ts',
  'packages/models-en/src/index.ts',
];
const SAYS_NOTHING = /^(utils?|helpers?|common|types|base|misc|shared|lib)\.(ts|tsx|mjs|py)$/;

describe.each(packagesIn('packages'))('$name', ({ folder, name, manifest }) => {
  const sources = filesUnder(join(folder, 'src'), /\.tsx?$/);
  const shipped = sources.filter((path) => !/\.test\.tsx?$|\/test\//.test(path));

  it('depends on core and on no sibling, unless it is the package that wires them', () => {
    const siblings = Object.keys(manifest.dependencies ?? {}).filter((dependency) => dependency.startsWith('@resift/'));
    expect(name === 'packages/resift' ? [] : siblings.filter((dependency) => dependency !== '@resift/core')).toEqual([]);
  });

  it('imports only what its manifest names', () => {
    const known = new Set([
      manifest.name,
      ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies }),
    ]);
    const strangers = shipped.flatMap((path) =>
      [...read(path).matchAll(IMPORT)]
        .map(([, specifier]) => packageOf(specifier!))
        .filter((specifier) => !specifier.startsWith('node:') && !known.has(specifier))
        .map((specifier) => `${relative(root, path)}: ${specifier}`),
    );
    expect(strangers).toEqual([]);
  });

  it('has no barrel but its index', () => {
    const barrels = sources
      .filter((path) => /^export (\*|\{[^}]*\}) from/m.test(read(path)))
      .map((path) => relative(root, path))
      .filter((path) => !ALLOWED_BARRELS.includes(path));
    expect(barrels).toEqual([]);
  });

  it('never reads the environment and never prints', () => {
    expect(shipped.filter((path) => /process\.env\b/.test(read(path)))).toEqual([]);
    expect(shipped.filter((path) => /\bconsole\.(log|info|warn|error)\(/.test(read(path)))).toEqual([]);
  });

  it('has a README', () => {
    expect(existsSync(join(folder, 'README.md'))).toBe(true);
  });
});

describe('the whole house', () => {
  const everything = ['apps', 'packages', 'evals', 'test', 'scripts'].flatMap((top) => filesUnder(join(root, top), CODE));

  it('is built of short files', () => {
    expect(everything.filter((path) => read(path).split('\n').length > 301).map((path) => relative(root, path))).toEqual([]);
  });

  it('has no name that says nothing', () => {
    expect(everything.filter((path) => SAYS_NOTHING.test(basename(path))).map((path) => relative(root, path))).toEqual([]);
  });

  it('reads the environment of an app only in its config.ts', () => {
    const readers = packagesIn('apps').flatMap(({ folder }) =>
      filesUnder(join(folder, 'src'), /\.tsx?$/).filter((path) => /process\.env\b/.test(read(path)) && !/\.test\.ts$/.test(path)),
    );
    expect(readers.map((path) => relative(root, path)).filter((path) => basename(path) !== 'config.ts')).toEqual([]);
  });

  it('names exact versions', () => {
    const loose = [
      { name: '.', manifest: JSON.parse(read(join(root, 'package.json'))) },
      ...packagesIn('packages'),
      ...packagesIn('apps'),
    ].flatMap(({ name, manifest }) =>
      Object.entries<string>({ ...manifest.dependencies, ...manifest.devDependencies })
        .filter(([, version]) => !/^(\d+\.\d+\.\d+(-[\w.]+)?|workspace:\*)$/.test(version))
        .map(([dependency, version]) => `${name}: ${dependency}@${version}`),
    );
    expect(loose).toEqual([]);
  });

  it('commits no file over 50 MB', () => {
    // The registry and the repository's own limit for weights.
    const models = join(root, 'packages/models-en/models');
    const big = existsSync(models) ? readdirSync(models).filter((name) => readFileSync(join(models, name)).byteLength > 50e6) : [];
    expect(big).toEqual([]);
  });
});

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
