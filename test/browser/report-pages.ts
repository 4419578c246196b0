// Writes docs/page-report.md: what axe finds on every page in every setting, and what a first load brings over the wire.
// npx turbo run build && node --conditions=@resift/source --import tsx test/browser/report-pages.ts
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { noBrowser, openBrowser, troublesOf } from './browser.ts';
import { startPageServer } from './page-server.ts';

const root = join(import.meta.dirname, '../..');
const PAGES = ['ask', 'compare', 'documents', 'lift', 'playground'];
const SETTINGS = {
  light: {},
  dark: { dark: true },
  phone: { width: 375, height: 720 },
};
const QUESTION = 'Where does Jim Carrey travel with his friend?';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Found {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly unknown[] }[];
  readonly passes: readonly unknown[];
  readonly incomplete: readonly { readonly id: string }[];
  readonly testEngine: { readonly version: string };
}

if (noBrowser) throw new Error(noBrowser);
const server = await startPageServer();
const rows: string[] = [];
let version = '';
let program = '';
for (const [setting, options] of Object.entries(SETTINGS)) {
  const browser = await openBrowser(options);
  program = browser.context.browser()?.version() ?? program;
  const page = await browser.context.newPage();
  const troubles = troublesOf(page);
  for (const name of PAGES) {
    await page.goto(`${server.url}/#/${name}`);
    await fill(page, name);
    await page.evaluate(axe);
    const found = (await page.evaluate('axe.run(document)')) as Found;
    version = found.testEngine.version;
    const violations = found.violations.map(({ id, nodes }) => `${id} (${nodes.length})`).join(', ') || 'none';
    const open = found.incomplete.map(({ id }) => id).join(', ') || 'none';
    rows.push(`| ${name} | ${setting} | ${violations} | ${found.passes.length} | ${open} | ${troubles.splice(0).length} |`);
  }
  await browser.close();
}
const first = await firstLoad();
await server.stop();

const assets = join(root, 'apps/web/dist');
const files = [join(assets, 'index.html'), ...readdirSync(join(assets, 'assets')).map((name) => join(assets, 'assets', name))].map(
  (path) => {
    const bytes = readFileSync(path);
    const kB = (size: number) => (size / 1000).toFixed(1);
    return `| ${path.slice(assets.length + 1).replace(/-[\w-]{8}\./, '-*.')} | ${kB(bytes.length)} | ${kB(gzipSync(bytes, { level: 9 }).length)} | ${kB(brotliCompressSync(bytes).length)} |`;
  },
);
const commit = execFileSync('git', ['log', '-1', '--format=%h', '--', 'apps/web'], { cwd: root, encoding: 'utf8' }).trim();
const text = `# The page, measured

Written by \`test/browser/report-pages.ts\` on ${new Date().toISOString().slice(0, 10)}: page of commit ${commit}, axe-core ${version}, ${program ? `Chromium ${program}, ` : ''}over fake models, so that it is the page that is measured. \`npm test\` checks the same and fails on any violation.

## Accessibility

Every page after its main action (an answer, a comparison, a ranking). "To be looked at" is what axe cannot decide by itself.

| page | setting | violations | rules passed | to be looked at | console errors and foreign requests |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

What axe cannot see is tested apart in \`test/browser\`: every main path by keyboard alone, focus that returns from dialogs, live regions that announce answers, no sideways scrolling at 375 pixels.

## What a first load brings

${first.requests} requests, ${(first.bytes / 1000).toFixed(1)} kB over the wire as the server sends it (limit: 250 kB), of which the API's answers ${(first.api / 1000).toFixed(1)} kB; no request to another host, no connection that stays open.

| file | kB | gzip | brotli |
| --- | --- | --- | --- |
${files.join('\n')}
`;
const path = 'docs/page-report.md';
const biome = join(root, 'node_modules/.bin/biome');
writeFileSync(join(root, path), execFileSync(biome, ['format', `--stdin-file-path=${path}`], { cwd: root, input: text, encoding: 'utf8' }));
console.log(text);

async function fill(page: Page, name: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name }).waitFor();
  await page.getByLabel('Collection').getByRole('option', { name: /^demo/ }).waitFor({ state: 'attached' });
  if (name === 'ask' || name === 'compare') {
    await page.getByLabel('Question').fill(QUESTION);
    await page.keyboard.press('Enter');
    await page
      .getByRole('button', { name: /^Source 1/ })
      .first()
      .waitFor();
  }
  if (name === 'playground') {
    await page.getByRole('button', { name: /^Rank/ }).click();
    await page.getByRole('region', { name: 'Ranking' }).waitFor();
  }
}

async function firstLoad(): Promise<{ requests: number; bytes: number; api: number }> {
  const browser = await openBrowser();
  const page = await browser.context.newPage();
  const all: { path: string; bytes: number }[] = [];
  page.on('requestfinished', async (request) => {
    const { responseBodySize } = await request.sizes();
    all.push({ path: new URL(request.url()).pathname, bytes: responseBodySize });
  });
  await page.goto(server.url, { waitUntil: 'networkidle' });
  await browser.close();
  const sum = (list: typeof all) => list.reduce((total, { bytes }) => total + bytes, 0);
  return { requests: all.length, bytes: sum(all), api: sum(all.filter(({ path }) => path.startsWith('/v1/'))) };
}
