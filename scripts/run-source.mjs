// Runs a TypeScript source file of the workspace without a build: `node scripts/run-source.mjs evals/src/main.ts …`.
import { spawn } from 'node:child_process';
import { checkNode, env, install, root } from './workspace.mjs';

checkNode();
await install();
const child = spawn(process.execPath, ['--conditions=@resift/source', '--import', 'tsx', ...process.argv.slice(2)], {
  cwd: root,
  env,
  stdio: 'inherit',
});
process.on('SIGINT', () => {});
child.on('close', (code) => process.exit(code ?? 1));
