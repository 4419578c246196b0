// What every script of this folder needs: the root, a pnpm, an install that is skipped when nothing changed, a build.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const stamp = join(root, 'node_modules', '.resift-installed');

export const env = {
  ...process.env,
  PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`,
  ONNXRUNTIME_NODE_INSTALL: 'skip', // its postinstall would fetch CUDA; the CPU binary is in the package
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
  COREPACK_ENABLE_STRICT: '0',
  npm_config_update_notifier: 'false',
};

/** Stops with one sentence where Node is older than the workspace needs. */
export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(
    `resift needs Node ${manifest.engines.node}, this is ${process.versions.node}. Install a newer Node from https://nodejs.org and try again.`,
  );
  process.exit(1);
}

/** Runs a command in the root and resolves with its exit code; output goes to ours, or is kept where `quiet`. */
export function run(command, args, { quiet = false, cwd = root, extraEnv = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...env, ...extraEnv }, stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit' });
    let output = '';
    child.stdout?.on('data', (data) => (output += data));
    child.stderr?.on('data', (data) => (output += data));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? (signal ? 1 : 0), output }));
  });
}

/** Installs from the lockfile with the pinned pnpm, unless that was done for this very lockfile. */
export async function install() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .update(process.version)
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.error('Installing dependencies from the lockfile …');
  const local = join(root, 'node_modules', '.bin', 'pnpm');
  const [command, args] = existsSync(local) ? [local, []] : ['npx', ['-y', manifest.packageManager]];
  const { code, output } = await run(command, [...args, 'install', '--frozen-lockfile'], { quiet: true });
  if (code !== 0) {
    console.error(output.slice(-4000));
    console.error('Installing failed: the lines above say why. Is the npm registry reachable from here?');
    process.exit(code);
  }
  writeFileSync(stamp, wanted);
}

/** Builds every package with Turborepo, which skips what did not change. */
export async function build() {
  console.error('Building …');
  const { code, output } = await run('turbo', ['run', 'build', '--output-logs=errors-only'], { quiet: true });
  if (code === 0) return;
  console.error(output.slice(-6000));
  process.exit(code);
}

export function has(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}
