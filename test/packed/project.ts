import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const root = join(import.meta.dirname, '../..');

/** Every package of ours that `resift` needs, and itself. */
export const LIBRARY: readonly string[] = [
  ...['core', 'models', 'models-en', 'reranker', 'rag', 'retrieval', 'eval'].map((name) => `resift-${name}`),
  'resift',
];

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the project's folder. */
  readonly cwd?: string;
}

/** An empty folder outside the workspace, as a stranger has it. */
export interface EmptyProject {
  readonly folder: string;
  /** Installs with npm and the README's line that keeps onnxruntime-node's postinstall off. */
  install(...packages: readonly string[]): Promise<void>;
  write(name: string, text: string): void;
  run(command: string, args: readonly string[], options?: RunOptions): Promise<Run>;
  remove(): void;
}

export function emptyProject(): EmptyProject {
  const folder = mkdtempSync(join(tmpdir(), 'resift-project-'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

  async function run(command: string, args: readonly string[], { input, env = {}, cwd = folder }: RunOptions = {}): Promise<Run> {
    const work = execute(command, [...args], {
      cwd,
      maxBuffer: 64 << 20,
      // pnpm's NODE_PATH would lend the stranger our packages; npm's own warnings about the machine's settings are not ours.
      env: { ...process.env, NODE_OPTIONS: '', NODE_PATH: '', VITEST: '', npm_config_loglevel: 'error', ...env },
    });
    if (input !== undefined) work.child.stdin?.end(input);
    return work.then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code?: number; stdout?: string; stderr?: string }) => ({
        code: error.code ?? 1,
        stdout: error.stdout ?? '',
        stderr: error.stderr ?? '',
      }),
    );
  }

  async function install(...packages: readonly string[]): Promise<void> {
    const { code, stderr } = await run('npm', ['install', '--no-audit', '--no-fund', '--onnxruntime-node-install=skip', ...packages]);
    if (code !== 0) throw new Error(`npm install failed:\n${stderr}`);
  }

  return { folder, install, write, run, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * An empty project in which the library is installed, and nothing else. npm unpacks it once for all files of a test run (a third of a gigabyte); each project gets the same files by hard links.
 */
export async function libraryProject(): Promise<EmptyProject> {
  const tarballs = await packAll();
  const first = join(packs(), 'library');
  if (!existsSync(join(first, 'package-lock.json'))) {
    const project = emptyProject();
    await project.install(...tarballs(...LIBRARY));
    linkFolder(project.folder, first);
    project.remove();
  }
  const project = emptyProject();
  linkFolder(first, project.folder);
  return project;
}

function linkFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkFolder(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    // npm writes into its own records instead of replacing them.
    else if (/^(package|\.?package-lock)\.json$/.test(entry.name)) copyFileSync(source, target);
    else linkSync(source, target);
  }
}

/** Packs every publishable package, once for all files of a test run, and gives the tarballs by package folder, for example `resift-core`. */
export async function packAll(): Promise<(...names: readonly string[]) => string[]> {
  const out = packs();
  const whole = join(out, 'whole');
  if (!existsSync(whole)) {
    await execute(process.execPath, [join(root, 'scripts/pack-all.mjs'), '--out', out], { cwd: root, maxBuffer: 64 << 20 });
    writeFileSync(whole, '');
  }
  const files = readdirSync(out);
  return (...names) =>
    names.map((name) => {
      const file = files.find((candidate) => new RegExp(`^${name}-\\d`).test(candidate));
      if (!file) throw new Error(`There is no tarball ${name}; there are ${files.join(', ')}.`);
      return join(out, file);
    });
}

/** The files of one run have one parent, and run one after the other; `remove-packs.ts` takes the folder away at the end. */
const packs = () => join(tmpdir(), `resift-packs-${process.ppid}`);
