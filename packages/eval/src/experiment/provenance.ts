import { execFile } from 'node:child_process';
import { arch, cpus, platform, totalmem } from 'node:os';
import { promisify } from 'node:util';

/** Where and with what a result was made. */
export interface Provenance {
  readonly machine: {
    readonly platform: string;
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly node: string;
  };
  /** Git commit, with `+changes` where the working tree differs; `unknown` outside a repository. */
  readonly commit: string;
  readonly versions: Readonly<Record<string, string>>;
  /** SHA-256 by file. */
  readonly models: Readonly<Record<string, string>>;
}

/** Collects machine, commit, versions and model hashes. */
export async function provenance(
  folder: string,
  {
    versions = {},
    models = {},
  }: {
    readonly versions?: Readonly<Record<string, string>> | undefined;
    readonly models?: Readonly<Record<string, string>> | undefined;
  } = {},
): Promise<Provenance> {
  return {
    machine: {
      platform: `${platform()} ${arch()}`,
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      node: process.version,
    },
    commit: await commitOf(folder),
    versions,
    models,
  };
}

async function commitOf(folder: string): Promise<string> {
  const git = async (...args: string[]) => (await promisify(execFile)('git', ['-C', folder, ...args])).stdout.trim();
  try {
    const [commit, changes] = await Promise.all([git('rev-parse', 'HEAD'), git('status', '--porcelain', '--untracked-files=no')]);
    return changes === '' ? commit : `${commit}+changes`;
  } catch {
    return 'unknown';
  }
}
