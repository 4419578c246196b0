import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

export interface Launched {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly exit: Promise<number | null>;
}

export interface Started extends Launched {
  readonly url: string;
}

const children = new Set<ChildProcess>();

/** Ends every server of this file that still runs. */
export function killAll(): void {
  for (const child of children) child.kill('SIGKILL');
}

/** `resift serve` over the real models as a child process with this data folder, on a free port. */
export function launch(data: string, env: Readonly<Record<string, string>> = {}): Launched {
  const child = spawn(process.execPath, ['--conditions=@resift/source', '--import', 'tsx', join(root, 'apps/cli/src/main.ts'), 'serve'], {
    cwd: root,
    env: { ...process.env, PORT: '0', RESIFT_DATA_DIR: data, RESIFT_LOG_LEVEL: 'warn', ...env },
  });
  children.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const exit = new Promise<number | null>((resolve) => child.on('exit', resolve)).finally(() => children.delete(child));
  return { child, exit, stdout: () => stdout, stderr: () => stderr };
}

/** The same, once it has said where it listens and printed all its lines. */
export async function start(data: string, env: Readonly<Record<string, string>> = {}): Promise<Started> {
  const launched = launch(data, env);
  const { child, exit, stdout, stderr } = launched;
  const ready = new Promise<string>((resolve) => {
    child.stdout!.on('data', () => {
      const url = /listens on (\S+)[\s\S]*\/docs/.exec(stdout())?.[1];
      if (url) resolve(url);
    });
  });
  const url = await Promise.race([ready, exit.then((code) => Promise.reject(new Error(`It ended with ${code}: ${stderr()}`)))]);
  return { ...launched, url };
}
