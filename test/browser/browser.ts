import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const PROGRAM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));

/** Why there is no browser to test with; undefined where there is one. */
export const noBrowser: string | undefined =
  PROGRAM === undefined ? 'no Chromium on this machine: scripts/ci-machine installs it' : undefined;

export interface OpenBrowser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** The system's Chromium with a profile of its own, which goes when it closes. */
export async function openBrowser(options: { dark?: boolean; width?: number; height?: number } = {}): Promise<OpenBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'resift-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: PROGRAM!,
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    colorScheme: options.dark ? 'dark' : 'light',
    viewport: { width: options.width ?? 1280, height: options.height ?? 860 },
  });
  context.setDefaultTimeout(30_000);
  return {
    context,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Everything that a page must not do: write errors to the console, throw, or ask another host. */
export function troublesOf(page: Page): string[] {
  const troubles: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') troubles.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => troubles.push(`thrown: ${error.message}`));
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (!['127.0.0.1', 'localhost'].includes(host.split(':')[0]!) && protocol !== 'blob:') troubles.push(`foreign: ${request.url()}`);
  });
  return troubles;
}

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe-core finds wrong on the page, one line each. */
export async function violationsOf(page: Page): Promise<string[]> {
  // Over the debugging protocol, which the page's own policy does not reach.
  const { readFileSync } = await import('node:fs');
  await page.evaluate(readFileSync(AXE, 'utf8'));
  const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
    violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[];
  };
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`));
}
