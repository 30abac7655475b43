import { randomUUID } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, type Shop } from './shop.ts';

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

/**
 * The demo shop as a customer uses it, paying on the sandbox's own page. Runs where a Chromium is found or REQUIRE_BROWSER=1 insists on one.
 * The gateway serves the shop only if apps/web was built before it started.
 */
export function browserSuite(open: () => Shop): void {
  const program = findChromium();
  const isRequired = ['1', 'true'].includes(process.env.REQUIRE_BROWSER ?? '');
  if (program === undefined && !isRequired) {
    process.stderr.write('\nSKIPPED: the demo shop in a browser. No Chromium on the PATH; set CHROMIUM, or REQUIRE_BROWSER=1 to fail.\n\n');
  }

  describe.skipIf(program === undefined && !isRequired)('the demo shop in Chromium', () => {
    let browser: Browser;
    beforeAll(async () => {
      if (program === undefined)
        throw new Error('REQUIRE_BROWSER is set and there is no Chromium: put one on the PATH, or its path in CHROMIUM');
      const { status } = await fetch(`${open().url}/demo/`);
      if (status !== 200) throw new Error(`/demo/ answers ${status}: apps/web was not built (npm run build) when the gateway started`);
      browser = await chromium.launch({ executablePath: program, args: FLAGS });
    }, 60_000);
    afterAll(() => browser?.close());

    it('sells to a new customer, on a phone: from the catalogue with a coupon to a confirmed order; its invoice, one unit cancelled and refunded', async () => {
      await onPage(browser, { width: 360, height: 740 }, async (page) => {
        const shop = open();
        const variant = await shop.stocked(3);
        const coupon = await shop.coupon();
        const { data: product } = await shop.anonymous.GET('/api/products/{id}', { params: { path: { id: variant.productId } } });
        const name = (product?.name ?? '').split(' ').at(-1) ?? '';

        await page.goto(`${shop.url}/demo`);
        await page.getByTestId('product-card').filter({ hasText: name }).click();
        await page.getByRole('radio', { name: 'M', exact: true }).check({ force: true });
        await page.getByTestId('add-to-cart').click();

        await page.getByRole('button', { name: 'Create an account' }).click();
        await page.getByLabel('Name').fill('Meera Nair');
        await page.getByLabel('E-mail address').fill(`browser-${randomUUID()}@example.com`);
        await page.getByLabel('Password').fill(PASSWORD);
        await page.getByRole('button', { name: 'Create account' }).click();

        // What was wanted before the account was made is in its cart.
        await page.getByRole('link', { name: 'Cart, 1 item' }).waitFor();
        await page.getByRole('button', { name: /^One more/ }).click();
        await page.getByRole('link', { name: 'Cart, 2 items' }).waitFor();
        await page.getByLabel('Coupon code').fill(coupon.code.toLowerCase());
        await page.getByTestId('apply-coupon').click();
        await page.getByTestId('coupon-applied').filter({ hasText: coupon.code }).waitFor();
        await page.getByTestId('checkout').click();

        await page.getByLabel('Mobile number').fill('9876543210');
        await page.getByLabel('Address', { exact: true }).fill('14, 3rd Cross, Indiranagar');
        await page.getByLabel('City').fill('Bengaluru');
        await page.getByLabel('PIN code').fill('560038');
        await page.getByLabel('State').selectOption('Karnataka');
        await page.getByRole('button', { name: 'Save and use this address' }).click();
        await page.getByTestId('place-order').click();

        const status = page.getByTestId('order-status');
        await status.filter({ hasText: 'Waiting for payment' }).waitFor();
        expect(await shop.stockOf(variant)).toEqual({ onHand: 3, reserved: 2, available: 1 });
        await page.getByTestId('pay').filter({ hasText: '₹2,498' }).click();

        await page.locator('#amount').filter({ hasText: '2,498' }).waitFor();
        await page.locator('#pay').click();
        await page.locator('#continue').click();

        await status.filter({ hasText: 'Confirmed' }).waitFor();
        await page.getByText('Includes SGST').waitFor();
        await page.getByRole('link', { name: 'Cart, 0 items' }).waitFor();
        expect(await shop.stockOf(variant)).toEqual({ onHand: 1, reserved: 0, available: 1 });
        // Nothing of the payment stays in the address, where it would be copied along.
        expect(new URL(page.url()).hash).toBe('');

        const [invoice] = await Promise.all([page.waitForEvent('download'), page.getByTestId('paper').first().click()]);
        expect(invoice.suggestedFilename()).toMatch(/^INV-.*\.pdf$/);
        await page.getByTestId('cancel-items').click();
        await page.locator('.unit select').selectOption('1');
        await page.getByLabel('Why?').selectOption('Ordered by mistake');
        await page.getByTestId('send-units').click();
        await page.getByTestId('payments').locator('[data-status=processed]').filter({ hasText: '₹1,249' }).waitFor();
        await page.getByTestId('paper').nth(1).waitFor();
        await status.filter({ hasText: 'Confirmed' }).waitFor();
        expect(await shop.stockOf(variant)).toEqual({ onHand: 2, reserved: 0, available: 2 });
      });
    }, 120_000);

    it('lets a customer try again after the bank declined', async () => {
      await onPage(browser, { width: 1280, height: 900 }, async (page) => {
        const shop = open();
        const customer = await shop.register();
        const { id } = await shop.placed(customer, await shop.stocked(1));
        await page.goto(`${shop.url}/demo/orders/${id}`);
        await page.getByLabel('E-mail address').fill(customer.user.email ?? '');
        await page.getByLabel('Password').fill(PASSWORD);
        await page.getByRole('button', { name: 'Sign in' }).click();

        await page.getByTestId('pay').click();
        await page.locator('#fail').click();
        await page.locator('#continue').click();
        await page.getByText('The bank declined the payment').waitFor();
        expect((await shop.orderBecomes(customer, id, 'pending_payment')).paymentStatus).toBe('unpaid');

        await page.getByTestId('pay').click();
        await page.locator('#pay').click();
        await page.locator('#continue').click();
        await page.getByTestId('order-status').filter({ hasText: 'Confirmed' }).waitFor();
        await shop.orderBecomes(customer, id, 'confirmed');
      });
    }, 120_000);
  });
}

/** A tab of its own; also fails on what a page throws, and on what its content security policy stopped. */
async function onPage(browser: Browser, viewport: { width: number; height: number }, visit: (page: Page) => Promise<void>): Promise<void> {
  const page = await browser.newPage({ viewport });
  page.setDefaultTimeout(STEP_MS);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) complaints.push(message.text());
  });
  try {
    await visit(page);
    expect(complaints).toEqual([]);
  } catch (error) {
    const picture = join(tmpdir(), `only2u-browser-${Date.now()}.png`);
    await page.screenshot({ path: picture, fullPage: true }).catch(() => undefined);
    process.stderr.write(`\nThe page at ${page.url()} as it failed: ${picture}\n${complaints.join('\n')}\n`);
    throw error;
  } finally {
    await page.close();
  }
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
