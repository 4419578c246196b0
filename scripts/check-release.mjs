// `node scripts/check-release.mjs v1.2.3`: every package has that version, and the changelog has an entry for it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace.mjs';

const version = process.argv[2]?.replace(/^v/, '') ?? '';
const manifests = ['packages', 'apps'].flatMap((top) =>
  readdirSync(join(root, top)).map((name) => JSON.parse(readFileSync(join(root, top, name, 'package.json'), 'utf8'))),
);
const wrong = manifests.filter((manifest) => !manifest.private && manifest.version !== version);
for (const manifest of wrong) console.error(`${manifest.name} has version ${manifest.version}, expected ${version}.`);
const entry = readFileSync(join(root, 'CHANGELOG.md'), 'utf8').includes(`## [${version}]`);
if (!entry) console.error(`CHANGELOG.md has no entry for ${version}.`);
process.exit(wrong.length === 0 && entry ? 0 : 1);
