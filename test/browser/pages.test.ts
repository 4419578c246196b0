import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { noBrowser, type OpenBrowser, openBrowser, troublesOf, violationsOf } from './browser.ts';
import { type PageServer, startPageServer } from './page-server.ts';

const root = join(import.meta.dirname, '../..');
const SCREENS = join(root, '.artifacts/screens');
const QUESTION = 'Where does Jim Carrey travel with his friend?';

if (noBrowser) console.log(`skipped: the page in a browser (${noBrowser})`);

describe.skipIf(noBrowser)('the page', () => {
  let server: PageServer;
  let browser: OpenBrowser;
  let page: Page;
  let troubles: string[];

  beforeAll(async () => {
    expect(existsSync(join(root, 'apps/web/dist/index.html')), 'The page is not built: npx turbo run build').toBe(true);
    mkdirSync(SCREENS, { recursive: true });
    [server, browser] = await Promise.all([startPageServer(), openBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  beforeEach(async () => {
    page = await browser.context.newPage();
    troubles = troublesOf(page);
  });
  afterEach(async () => {
    await page.close();
    expect(troubles).toEqual([]);
  });

  const open = (name: string) => page.goto(`${server.url}/#/${name}`);
  const healthy = async (name: string) => {
    await page.screenshot({ path: join(SCREENS, `${name}.png`), fullPage: true });
    expect(await violationsOf(page)).toEqual([]);
  };

  it('has the five pages, the demo collection, a favicon, and no connection that stays', async () => {
    const first: { url: string; bytes: number }[] = [];
    page.on('requestfinished', async (request) => {
      const { responseBodySize } = await request.sizes();
      first.push({ url: request.url(), bytes: responseBodySize });
    });
    await page.goto(server.url, { waitUntil: 'networkidle' });
    expect(await page.getByRole('navigation').getByRole('link').allInnerTexts()).toEqual([
      'Ask',
      'Compare',
      'Documents',
      'Lift',
      'Playground',
    ]);
    expect(await page.getByLabel('Collection').inputValue()).toBe('demo');
    expect(await page.locator('link[rel=icon]').getAttribute('href')).toBe('/favicon.svg');
    expect(first.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(250_000);
    expect(
      first
        .map(({ url }) => new URL(url).pathname)
        .filter((path) => path.startsWith('/v1/'))
        .sort(),
    ).toEqual(['/v1/collections', '/v1/models']);
    await healthy('start');
  });

  it('answers by keyboard alone, and a chip opens the source at the quoted words', async () => {
    await open('ask');
    await page.getByLabel('Question').focus();
    await page.keyboard.type(QUESTION);
    await page.keyboard.press('Enter');
    const chip = page.getByRole('button', { name: 'Source 1: Dumb and Dumber' });
    await chip.waitFor();
    expect(await page.locator('[role=status][aria-live]').innerText()).toContain('Jim Carrey travels to Aspen');
    expect(await page.getByText(/supported by the sources/).count()).toBeGreaterThan(0);
    await healthy('ask');

    await chip.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Dumb and Dumber' });
    await dialog.locator('mark').waitFor();
    expect('It is a comedy of 1994. Jim Carrey travels to Aspen with his friend in Dumb and Dumber.').toContain(
      await dialog.locator('mark').innerText(),
    );
    expect(await dialog.locator('mark').innerText()).toContain('Aspen');
    await healthy('ask-source');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });

    await page.locator('.sources summary').first().click();
    await page.getByRole('button', { name: 'Helpful: Dumb and Dumber', exact: true }).click();
    await page.getByRole('button', { name: 'Helpful: Dumb and Dumber', exact: true, pressed: true }).waitFor();
    await page.getByRole('button', { name: 'Ask again' }).click();
    await chip.waitFor();
    await page.reload();
    expect(await page.getByRole('list', { name: 'Conversation' }).innerText()).toContain(QUESTION);
    await page.getByRole('button', { name: 'New conversation' }).click();
    await page.getByLabel('Earlier conversations').selectOption({ label: QUESTION });
    await chip.waitFor();
    await page.getByRole('button', { name: 'Clear history' }).click();
    await page.reload();
    expect(await page.getByRole('list', { name: 'Conversation' }).getByRole('listitem').count()).toBe(0);
  });

  it('stops, and retries what was stopped or cut off', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let calls = 0;
    await page.route('**/v1/chat', async (route) => {
      calls += 1;
      if (calls === 1) await held;
      if (calls === 2) {
        return route.fulfill({
          contentType: 'text/event-stream',
          body: 'event: meta\ndata: {"id":"c","sources":[],"rerank":{"status":"applied","reranker":"r","scored":1,"elapsedMs":1}}\n\n',
        });
      }
      await route.continue().catch(() => {});
    });
    await open('ask');
    await page.getByLabel('Question').fill(QUESTION);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Stopped.').first().waitFor();
    release();
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('alert').getByText('cut off').waitFor();
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('button', { name: 'Source 1: Dumb and Dumber' }).waitFor();
    await page.getByRole('button', { name: 'Clear history' }).click();
  });

  it('compares both orders, shows the way of each passage, and runs again with another reranker', async () => {
    await open('compare');
    await page.getByLabel('Question').fill(QUESTION);
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'With reranking', exact: true }).getByText(/Aspen/).waitFor();
    expect(await page.getByRole('region', { name: 'Without reranking' }).innerText()).toContain('first-stage order');
    const way = page.getByRole('img', { name: /^Dumb and Dumber: from \d+ to 1, probability 0\.\d+ · first stage: \d+$/ });
    await way.focus();
    expect(await page.locator('figcaption').innerText()).toContain('Dumb and Dumber');
    await healthy('compare');
    await page.getByLabel('Reranker').selectOption('resift-tiny');
    await page.getByRole('cell', { name: 'resift-tiny' }).waitFor();
    await page.getByLabel('Candidates').selectOption('10');
    await page.getByRole('cell', { name: '10', exact: true }).waitFor();
    expect(await page.getByRole('region', { name: 'Runs' }).getByRole('row').count()).toBe(4);
  });

  it('takes files and text, says which file failed, deletes and puts back', async () => {
    await open('documents');
    await page.getByText('4 documents').first().waitFor();
    await page.getByLabel('Files').setInputFiles([
      { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('The canary sings at noon.') },
      { name: 'program.exe', mimeType: 'application/octet-stream', buffer: Buffer.from([1, 2, 3]) },
    ]);
    const uploads = page.getByRole('region', { name: 'Uploads' });
    await uploads.getByText('searchable now').waitFor();
    await uploads.locator('.failed .bad').waitFor();
    await page.getByLabel('Title', { exact: true }).fill('Pasted');
    await page.getByLabel('Text', { exact: true }).fill('A pasted text about owls.');
    await page.getByRole('button', { name: 'Add text' }).click();
    const list = page.getByRole('region', { name: 'Documents in demo' });
    await list.getByText('Pasted').waitFor();
    await page.getByText('6 documents').first().waitFor();
    // A failed upload is a 4xx, which the browser itself notes in the console.
    expect(troubles.splice(0).filter((trouble) => !trouble.includes('Failed to load resource'))).toEqual([]);
    await healthy('documents');

    await list.getByRole('button', { name: 'Delete Pasted' }).focus();
    await page.keyboard.press('Enter');
    await list.getByRole('button', { name: 'Undo' }).waitFor();
    await page.getByText('5 documents').first().waitFor();
    await list.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('6 documents').first().waitFor();
    await list.getByLabel('Find by title or id').fill('pas');
    expect(await list.getByRole('listitem').count()).toBe(1);
    await list.getByRole('button', { name: 'Delete Pasted' }).click();
    await list.getByLabel('Find by title or id').fill('notes');
    await list.getByRole('button', { name: /^Delete notes/ }).click();
    await page.getByText('4 documents').first().waitFor();
  });

  it('ranks in the playground and gives the code', async () => {
    await open('playground');
    await page.getByLabel('Query').fill('green mask');
    await page.getByLabel(/^Passages/).fill("A ski town.\n\nA green mask's <b>tale</b>.");
    await page.getByLabel('Reranker').selectOption('resift-tiny');
    await page.getByRole('button', { name: 'Rank 2 passages' }).click();
    const ranking = page.getByRole('region', { name: 'Ranking' });
    await ranking.getByText('1.000').waitFor();
    expect(await ranking.getByRole('listitem').first().innerText()).toContain('<b>tale</b>');
    await healthy('playground');
    const code = page.getByRole('region', { name: 'As code' });
    expect(await code.locator('pre').innerText()).toContain(`${server.url}/v2/rerank`);
    for (const [name, words] of [
      ['TypeScript', "localReranker({ size: 'tiny' })"],
      ['LangChain', 'new ResiftCompressor({ reranker })'],
    ] as const) {
      await code.getByRole('button', { name }).click();
      expect(await code.locator('pre').innerText()).toContain(words);
    }
  });

  it('shows what the monitor knows', async () => {
    await open('lift');
    await page.getByRole('heading', { name: /Not enough is known|Reranking/ }).waitFor();
    await page.getByText('Degraded').waitFor();
    expect(await page.getByRole('region', { name: 'Operation' }).innerText()).toContain('/v1/chat');
    await healthy('lift');
  });

  it('shows a malicious document as text', async () => {
    await open('ask');
    await page.getByLabel('Collection').selectOption('hostile');
    await page.getByLabel('Question').fill('Who wrote a letter from Aspen?');
    await page.keyboard.press('Enter');
    await page
      .getByRole('button', { name: /^Source 1/ })
      .first()
      .click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('<script>').waitFor();
    expect(await dialog.innerText()).toContain('![beacon](https://evil.example/x.png)');
    expect(await dialog.getByRole('heading').innerText()).toBe('<img src=x onerror=alert(1)>');
    expect(await page.locator('dialog img, .turns img, dialog a, .turns a').count()).toBe(0);
    expect(await page.title()).toBe('Ask · resift');
    await healthy('hostile');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Clear history' }).click();
    await open('documents');
    await page.getByRole('region', { name: 'Documents in hostile' }).getByText('<img src=x').first().waitFor();
    expect(await page.locator('main img').count()).toBe(0);
  });
});
