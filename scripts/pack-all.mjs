// `npm run pack:all -- --out DIR`: every publishable package as a tarball that installs into an empty project.
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build, checkNode, install, root, run } from './workspace.mjs';

const { values } = parseArgs({ options: { out: { type: 'string', default: '.artifacts/packages' } } });
checkNode();
await install();
await build();

const out = resolve(root, values.out);
mkdirSync(out, { recursive: true });
for (const file of readdirSync(out)) if (file.endsWith('.tgz')) rmSync(join(out, file));

for (const folder of ['packages', 'apps'].flatMap((top) => readdirSync(join(root, top)).map((name) => join(root, top, name)))) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (manifest.private) continue;
  const { code, output } = await run('pnpm', ['pack', '--pack-destination', out], { quiet: true, cwd: folder });
  if (code !== 0) {
    console.error(output);
    process.exit(code);
  }
}
for (const file of readdirSync(out).sort()) console.log(join(out, file));
