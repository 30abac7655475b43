import { accessSync, constants, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { Shop } from './shop.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** The first keeps Chromium usable as root and in containers, the rest keep it off the network. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const STEP_MS = 20_000;

export const PHONE = { width: 390, height: 844 };
export const DESK = { width: 1280, height: 900 };

/**
 * Tests in a real Chromium. They run where one is found or REQUIRE_BROWSER=1 insists on it.
 * The gateway serves the pages only if apps/web was built before it started.
 */
export function inChromium(name: string, open: () => Shop, tests: (browser: () => Browser) => void): void {
  const program = findChromium();
  const isRequired = ['1', 'true'].includes(process.env.REQUIRE_BROWSER ?? '');
  if (program === undefined && !isRequired) {
    process.stderr.write(`\nSKIPPED: ${name}. No Chromium on the PATH; set CHROMIUM, or REQUIRE_BROWSER=1 to fail.\n\n`);
  }
  describe.skipIf(program === undefined && !isRequired)(name, () => {
    let browser: Browser;
    beforeAll(async () => {
      if (program === undefined)
        throw new Error('REQUIRE_BROWSER is set and there is no Chromium: put one on the PATH, or its path in CHROMIUM');
      const { status } = await fetch(`${open().url}/demo/`);
      if (status !== 200) throw new Error(`/demo/ answers ${status}: apps/web was not built (npm run build) when the gateway started`);
      browser = await chromium.launch({ executablePath: program, args: FLAGS });
    }, 60_000);
    afterAll(() => browser?.close());
    tests(() => browser);
  });
}

/** A browser of its own; also fails on what its pages throw, and on what their content security policy stopped. */
export async function onPage(
  browser: Browser,
  viewport: { width: number; height: number },
  visit: (page: Page, context: BrowserContext) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ viewport });
  context.setDefaultTimeout(STEP_MS);
  const complaints: string[] = [];
  context.on('weberror', (error) => complaints.push(String(error.error())));
  context.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) complaints.push(message.text());
  });
  const page = await context.newPage();
  try {
    await visit(page, context);
    expect(complaints).toEqual([]);
  } catch (error) {
    const picture = join(tmpdir(), `only2u-browser-${Date.now()}.png`);
    await page.screenshot({ path: picture, fullPage: true }).catch(() => undefined);
    process.stderr.write(`\nThe page at ${page.url()} as it failed: ${picture}\n${complaints.join('\n')}\n`);
    throw error;
  } finally {
    await context.close();
  }
}

/** A page of a browser whose owner blocks all cookies and site data. */
export async function onBlockedPage(visit: (page: Page) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'only2u-browser-'));
  await mkdir(join(folder, 'Default'));
  const settings = { profile: { default_content_setting_values: { cookies: 2 } } };
  await writeFile(join(folder, 'Default', 'Preferences'), JSON.stringify(settings));
  const executablePath = findChromium();
  const context = await chromium.launchPersistentContext(folder, { args: FLAGS, ...(executablePath && { executablePath }) });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(STEP_MS);
    await visit(page);
  } finally {
    await context.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Fails on what assistive technology could not use of the page as it is now. */
export async function accessible(page: Page): Promise<void> {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  });
  expect(found).toEqual([]);
}

/** Signs in on the page that asks for it. */
export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Signs in on the staff's pages with a login of the demo shop. */
export async function signInAs(shop: Shop, page: Page, role: 'admin' | 'support'): Promise<void> {
  const login = shop.stack.logins.find((one) => one.role === role);
  if (login === undefined) throw new Error(`the seed reported no ${role}`);
  await signIn(page, login.login, login.password);
  await page.getByRole('navigation', { name: 'Staff' }).waitFor();
}

/** Fills in the address of a checkout, whose mobile number is there already or not, and saves it. */
export async function fillAddress(page: Page, isWithPhone = true): Promise<void> {
  if (isWithPhone) await page.getByLabel('Mobile number').fill('98765 43210');
  await page.getByLabel('PIN code').fill('560038');
  await page.getByLabel('State').selectOption('Karnataka');
  await page.getByLabel('City').fill('Bengaluru');
  await page.getByLabel('Address', { exact: true }).fill('14, 3rd Cross, Indiranagar');
  await page.getByRole('button', { name: 'Save and use this address' }).click();
  await page.getByText('14, 3rd Cross').waitFor();
}

function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = process.env.CHROMIUM ? [process.env.CHROMIUM] : NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
