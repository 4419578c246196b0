import { readConfig } from '@resift/api/config';
import { afterEach, describe, expect, it } from 'vitest';
import { noBrowser, type OpenBrowser, openBrowser, troublesOf, violationsOf } from './browser.ts';
import { type PageServer, startPageServer } from './page-server.ts';

if (noBrowser) console.log(`skipped: keys, dark colours and phone width in a browser (${noBrowser})`);

describe.skipIf(noBrowser)('in other settings', () => {
  const open: { server?: PageServer; browser?: OpenBrowser } = {};
  afterEach(async () => {
    await open.browser?.close();
    await open.server?.stop();
  });

  it('asks for a key where the server wants one, and keeps it for this tab alone', async () => {
    const server = await startPageServer({ keys: readConfig({}, { RESIFT_API_KEYS: 'default:right-key' }).keys });
    open.server = server;
    const browser = await openBrowser();
    open.browser = browser;
    const page = await browser.context.newPage();
    await page.goto(server.url);
    const dialog = page.getByRole('dialog', { name: 'This server wants a key' });
    await dialog.waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.type('wrong-key');
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').waitFor();
    await page.getByLabel('Key', { exact: true }).fill('right-key');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    await page.getByLabel('Collection').getByRole('option', { name: /^demo/ }).waitFor({ state: 'attached' });
    await page.reload();
    await page.getByLabel('Collection').getByRole('option', { name: /^demo/ }).waitFor({ state: 'attached' });
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('right-key');
    const other = await browser.context.newPage();
    await other.goto(server.url);
    await other.getByRole('dialog', { name: 'This server wants a key' }).waitFor();
  });

  it.each([
    ['dark', { dark: true }],
    ['phone', { width: 375, height: 720 }],
  ])('is whole and accessible on every page: %s', async (_, options) => {
    const server = await startPageServer();
    open.server = server;
    const browser = await openBrowser(options);
    open.browser = browser;
    const page = await browser.context.newPage();
    const troubles = troublesOf(page);
    for (const name of ['ask', 'compare', 'documents', 'lift', 'playground']) {
      await page.goto(`${server.url}/#/${name}`);
      await page.getByRole('heading', { level: 1, name }).waitFor();
      await page.getByLabel('Collection').getByRole('option', { name: /^demo/ }).waitFor({ state: 'attached' });
      if (name === 'ask' || name === 'compare') {
        await page.getByLabel('Question').fill('Where does Jim Carrey travel with his friend?');
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
      expect(await violationsOf(page)).toEqual([]);
      expect([name, await page.evaluate('document.documentElement.scrollWidth <= innerWidth')]).toEqual([name, true]);
    }
    expect(troubles).toEqual([]);
  });
});
