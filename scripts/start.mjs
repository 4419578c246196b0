// `npm start`: installs, builds, serves. Arguments go to `resift serve`, for example `npm start -- --port 4000`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build, checkNode, env, install, root } from './workspace.mjs';

checkNode();
await install();
await build();

const server = spawn(process.execPath, [join(root, 'apps/cli/bin/resift.mjs'), 'serve', ...process.argv.slice(2)], {
  cwd: root,
  env,
  stdio: 'inherit',
});
// The terminal sends Ctrl-C to the whole group; a service manager sends SIGTERM to this process alone.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => server.kill('SIGTERM'));
// npm passes no SIGTERM on: it ends its shell, and whoever stopped `npm start` would leave a server behind.
if (process.env.npm_lifecycle_event === 'start') {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && server.kill('SIGTERM'), 1_000).unref();
}
server.on('close', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
