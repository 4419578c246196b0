// Pictures of each page of a running server, for docs/screens:
// node --conditions=@resift/source --import tsx test/browser/take-screens.ts http://127.0.0.1:3000
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { noBrowser, openBrowser } from './browser.ts';

const FOLDER = join(import.meta.dirname, '../../docs/screens');
const QUESTION = 'What film did Jim Carrey star in where he goes on a trip to Aspen with his friend?';
/** A question that shares no word with the passage that answers it: the first stage puts that passage far below. */
const COMPARED = 'How long do I have to get my money back?';
const [url = 'http://127.0.0.1:3000'] = process.argv.slice(2);
if (noBrowser) throw new Error(noBrowser);
mkdirSync(FOLDER, { recursive: true });

for (const [suffix, options] of [
  ['', {}],
  ['-dark', { dark: true }],
  ['-phone', { width: 375, height: 760 }],
] as const) {
  const browser = await openBrowser(options);
  const page = await browser.context.newPage();
  const shoot = (name: string, fullPage = true) => page.screenshot({ path: join(FOLDER, `${name}${suffix}.png`), fullPage });

  await page.goto(`${url}/#/ask`);
  await page.getByRole('button', { name: QUESTION }).click();
  await page.getByRole('button', { name: 'Ask again' }).waitFor();
  if (suffix === '') {
    await page.getByRole('textbox', { name: 'Question' }).fill('How many people work in the support team of Wexley Home?');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    await page.getByRole('button', { name: 'Ask again' }).waitFor();
  }
  await undisturbed(page);
  await shoot('ask', false);
  if (suffix === '') {
    await page
      .getByRole('button', { name: /^Source 1/ })
      .first()
      .click();
    await page.locator('dialog mark').waitFor();
    await shoot('source', false);
    await page.keyboard.press('Escape');
  }

  await page.goto(`${url}/#/compare`);
  await page.getByRole('button', { name: COMPARED }).click();
  await page.getByRole('region', { name: 'What moved' }).waitFor();
  await undisturbed(page);
  await shoot('compare');
  if (suffix === '') {
    for (const name of ['documents', 'lift', 'playground']) {
      await page.goto(`${url}/#/${name}`);
      if (name === 'playground') {
        await page.getByRole('button', { name: /^Rank/ }).click();
        await page.getByRole('region', { name: 'Ranking' }).waitFor();
      }
      if (name === 'lift') await page.getByText('Degraded').waitFor();
      if (name === 'documents') await page.getByRole('button', { name: 'Delete' }).first().waitFor();
      await shoot(name, name === 'documents' ? false : undefined);
    }
  }
  await browser.close();
}

/** A picture of a machine that was busy with something else would show that, and not the page. */
async function undisturbed(page: Page): Promise<void> {
  const text = await page.locator('main').innerText();
  const late = /[^\n]*(?:degraded|partial)[^\n]*/.exec(text)?.[0];
  if (late) throw new Error(`Not taken, reranking was not done in time: ${late.trim()}. Try again on a quiet machine.`);
}
