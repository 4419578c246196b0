// `npm run pack:all -- --out DIR`: every publishable package as a tarball that installs into an empty project.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
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
for (const file of readdirSync(out).sort()) {
  leaveOutSources(join(out, file));
  console.log(join(out, file));
}

/** Takes the condition that leads to the sources out of a tarball's manifest: they are not in it. */
function leaveOutSources(tarball) {
  const folder = mkdtempSync(join(tmpdir(), 'resift-pack-'));
  try {
    execFileSync('tar', ['-xzf', tarball, '-C', folder]);
    const path = join(folder, 'package/package.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8'), (_, value) => {
      if (value && typeof value === 'object') delete value['@resift/source'];
      return value;
    });
    writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
    execFileSync('tar', ['-czf', tarball, '-C', folder, 'package']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
