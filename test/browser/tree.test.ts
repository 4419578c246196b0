import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { noBrowser, type OpenBrowser, openBrowser } from './browser.ts';
import { type PageServer, startPageServer } from './page-server.ts';

const QUESTION = 'Where does Jim Carrey travel with his friend?';

if (noBrowser) console.log(`skipped: what the page says to a screen reader (${noBrowser})`);

/** What assistive technology meets: the accessibility tree of every page as a file (`vitest -u` writes it anew), and what is announced. */
describe.skipIf(noBrowser)('to a screen reader', () => {
  let server: PageServer;
  let browser: OpenBrowser;
  let page: Page;

  beforeAll(async () => {
    [server, browser] = await Promise.all([startPageServer(), openBrowser()]);
    page = await browser.context.newPage();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  beforeEach(async (context) => {
    await page.goto(`${server.url}/#/${context.task.name.split(' ')[0]}`);
    await page.getByLabel('Collection').getByRole('option', { name: /^demo/ }).waitFor({ state: 'attached' });
  });

  const treeIs = async (name: string) => {
    const tree = await page.locator('body').ariaSnapshot();
    await expect(`${withoutMeasurements(tree)}\n`).toMatchFileSnapshot(join(import.meta.dirname, 'trees', `${name}.txt`));
  };
  const announced = () => page.locator('main [role=status]').allInnerTexts();

  it('lift is a page of headings, figures and tables', async () => {
    await page.getByText('Degraded').waitFor();
    await treeIs('lift');
  });

  it('ask announces the answer, politely, and only the answer', async () => {
    const live = page.locator('main [aria-live]');
    expect(await live.count()).toBe(1);
    expect(await live.getAttribute('aria-live')).toBe('polite');
    expect((await live.innerText()).trim()).toBe('');
    await page.getByLabel('Question').fill(QUESTION);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Ask again' }).waitFor();
    expect((await live.innerText()).trim()).toMatch(/Jim Carrey travels to Aspen/);
    await treeIs('ask');
    await page.getByRole('button', { name: 'Clear history' }).click();
  });

  it('compare announces what reranking did', async () => {
    await page.getByLabel('Question').fill(QUESTION);
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'What moved' }).waitFor();
    expect((await announced()).join(' ')).toMatch(
      /Comparison ready\. The passage that is first now was at \d|Comparison ready\. The first passage stayed first/,
    );
    await treeIs('compare');
  });

  it('documents announces what became of a file', async () => {
    await page.getByText('4 documents').first().waitFor();
    await treeIs('documents');
    await page
      .getByLabel('Files')
      .setInputFiles([{ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('The canary sings at noon.') }]);
    await page.getByRole('region', { name: 'Uploads' }).getByText('searchable now').waitFor();
    expect((await announced()).join(' ')).toContain('1 added, 0 failed.');
    await page.getByRole('button', { name: /^Delete notes/ }).click();
    await page.getByText('4 documents').first().waitFor();
    expect((await announced()).join(' ')).toMatch(/deleted/i);
  });

  it('playground announces that it has ranked', async () => {
    await page.getByLabel('Query').fill('green mask');
    await page.getByLabel(/^Passages/).fill('A ski town.\n\nA green mask.');
    await page.getByRole('button', { name: 'Rank 2 passages' }).click();
    await page.getByRole('region', { name: 'Ranking' }).waitFor();
    expect((await announced()).join(' ').trim()).not.toBe('');
    await treeIs('playground');
  });
});

/** Times and scores differ between machines, everything else does not. */
function withoutMeasurements(tree: string): string {
  return tree
    .replace(/127\.0\.0\.1:\d+/g, 'SERVER')
    .replace(/\d+(\.\d+)? (ms|s)\b/g, '# $2')
    .replace(/\b\d+\.\d+\b/g, '#')
    .replace(/#[0-9a-f]{12}\b/g, '#model')
    .replace(/\d{1,2}\/\d{1,2}\/\d{4}/g, 'DATE');
}
