import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readPageFiles } from '../page-files.ts';
import { pageRoutes } from './page.ts';

const SCRIPT = 'console.log("a page");'.repeat(40);

function builtPage() {
  const folder = mkdtempSync(join(tmpdir(), 'resift-page-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>resift</title>');
  writeFileSync(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(join(folder, 'assets/index-abc.js'), SCRIPT);
  writeFileSync(join(folder, 'assets/secret.key'), 'not a part of any page');
  return pageRoutes(readPageFiles([pathToFileURL(`${folder}/`)]));
}

describe('the built page', () => {
  it('is served at /, and asked for again each time', async () => {
    const page = builtPage();
    const reply = await page.request('/');
    expect([reply.status, reply.headers.get('content-type'), reply.headers.get('cache-control')]).toEqual([
      200,
      'text/html; charset=utf-8',
      'no-cache',
    ]);
    expect(await reply.text()).toContain('<title>resift</title>');
    const again = await page.request('/', { headers: { 'if-none-match': reply.headers.get('etag')! } });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it('keeps hashed files for ever, compressed as the browser can', async () => {
    const page = builtPage();
    const plain = await page.request('/assets/index-abc.js');
    expect([plain.headers.get('cache-control'), plain.headers.get('content-encoding'), await plain.text()]).toEqual([
      'public, max-age=31536000, immutable',
      null,
      SCRIPT,
    ]);
    const coded = await page.request('/assets/index-abc.js', { headers: { 'accept-encoding': 'gzip, deflate, br' } });
    expect(coded.headers.get('content-encoding')).toBe('br');
    expect(brotliDecompressSync(Buffer.from(await coded.arrayBuffer())).toString()).toBe(SCRIPT);
    const refused = await page.request('/assets/index-abc.js', { headers: { 'accept-encoding': 'br;q=0, gzip' } });
    expect(refused.headers.get('content-encoding')).toBe('gzip');
  });

  it('gives nothing that is no part of it', async () => {
    const page = builtPage();
    for (const path of ['/assets/secret.key', '/assets/none.js', '/assets/..%2Findex.html', '/index.html', '/assets/']) {
      expect([path, (await page.request(path)).status]).toEqual([path, 404]);
    }
  });
});

it('says where the API is described where no page is built', async () => {
  const reply = await pageRoutes(readPageFiles([pathToFileURL('/nowhere/')])).request('/');
  expect([reply.status, await reply.text()]).toEqual([200, expect.stringContaining('/docs')]);
});
