import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const root = join(import.meta.dirname, '../..');

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An empty folder outside the workspace, as a stranger has it. */
export interface EmptyProject {
  readonly folder: string;
  /** Installs with npm and the README's line that keeps onnxruntime-node's postinstall off. */
  install(...packages: readonly string[]): Promise<void>;
  write(name: string, text: string): void;
  run(command: string, args: readonly string[], options?: { input?: string; env?: Record<string, string> }): Promise<Run>;
  remove(): void;
}

export function emptyProject(): EmptyProject {
  const folder = mkdtempSync(join(tmpdir(), 'resift-project-'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

  async function run(
    command: string,
    args: readonly string[],
    { input, env = {} }: { input?: string; env?: Record<string, string> } = {},
  ): Promise<Run> {
    const work = execute(command, [...args], {
      cwd: folder,
      maxBuffer: 64 << 20,
      // npm's own warnings about the machine's settings are not ours.
      env: { ...process.env, NODE_OPTIONS: '', VITEST: '', npm_config_loglevel: 'error', ...env },
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

/** Packs every publishable package and gives the tarballs by package folder, for example `resift-core`. */
export async function packAll(): Promise<(...names: readonly string[]) => string[]> {
  const out = mkdtempSync(join(tmpdir(), 'resift-packs-'));
  await execute(process.execPath, [join(root, 'scripts/pack-all.mjs'), '--out', out], { cwd: root, maxBuffer: 64 << 20 });
  const files = readdirSync(out);
  return (...names) =>
    names.map((name) => {
      const file = files.find((candidate) => new RegExp(`^${name}-\\d`).test(candidate));
      if (!file) throw new Error(`There is no tarball ${name}; there are ${files.join(', ')}.`);
      return join(out, file);
    });
}
