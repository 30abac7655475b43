import type { Page } from 'playwright-core';
import { it } from 'vitest';
import { DESK, fillAddress, inChromium, onPage, PHONE, signIn } from './browser.ts';
import { PASSWORD, type Shop } from './shop.ts';

/** What the pages must withstand that others do to them: translators, answers that are none. */
export function translatedSuite(open: () => Shop): void {
  inChromium('pages that are translated or break in Chromium', open, (browser) => {
    it('live on when a translator has put its own elements in place of all text, from the catalogue to the order', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const shop = open();
        const customer = await shop.register();
        const variant = await shop.stocked(5);
        await page.goto(`${shop.url}/demo/p/${variant.productId}`);
        await page.getByTestId('add-to-cart').waitFor();
        await translate(page);
        await page.getByTestId('add-to-cart').click();
        await page.getByText('Added: size M').waitFor();
        await translate(page);
        await page.getByRole('radio', { name: 'M', exact: true }).check({ force: true });
        await page.getByTestId('add-to-cart').click();
        await page.getByRole('link', { name: 'Cart, 2 items' }).waitFor();
        await translate(page);
        await page.getByTestId('cart-link').click();
        await page.getByRole('button', { name: /^One more/ }).waitFor();
        await translate(page);
        await page.getByRole('button', { name: /^One more/ }).click();
        await page.getByText('₹3,897').first().waitFor();
        await translate(page);
        await page.getByTestId('checkout').click();
        await page.getByLabel('Password').waitFor();
        await translate(page);
        await page.getByRole('button', { name: 'Create an account' }).click();
        await translate(page);
        await page.getByRole('button', { name: 'Sign in', exact: true }).click();
        await translate(page);
        await signIn(page, customer.user.email ?? '', PASSWORD);
        await page.getByLabel('Mobile number').waitFor();
        await translate(page);
        await fillAddress(page);
        await translate(page);
        await page.getByTestId('pay-by-cod').check();
        await translate(page);
        await page.getByTestId('place-order').click();
        await page.getByTestId('order-status').filter({ hasText: 'Confirmed' }).waitFor();
        await translate(page);
        await page.getByTestId('cancel-items').click();
        await translate(page);
        await page.locator('.unit select').selectOption('1');
        await page.getByLabel('Why?').selectOption('Something else');
        await translate(page);
        await page.getByLabel('Why?').selectOption('Ordered by mistake');
        await page.getByTestId('send-units').click();
        await page.getByTestId('order-item').filter({ hasText: '1 cancelled' }).waitFor();
        await translate(page);
        await page.getByRole('link', { name: 'Orders' }).click();
        await page.getByRole('heading', { name: 'Your orders' }).waitFor();
        await translate(page);
        await page.getByRole('link', { name: 'Only2U, the shop' }).click();
        await page.getByTestId('product-card').first().waitFor();
        await translate(page);
        await page.getByText('Filter and sort').click();
        await page.getByLabel('In stock only').check();
        await page.getByText('Filter and sort (1)').waitFor();
      });
    }, 180_000);

    it('live on in the account, where a code is asked for, codes are shown and the bell rings', async () => {
      await onPage(browser(), DESK, async (page) => {
        const shop = open();
        const customer = await shop.register();
        await page.goto(`${shop.url}/demo/sign-in`);
        await page.getByRole('button', { name: 'Get a code by SMS instead' }).click();
        await translate(page);
        await page.getByLabel('Mobile number').fill('98450 77123');
        await page.getByRole('button', { name: 'Send me a code' }).click();
        await page.getByTestId('resend-code').waitFor();
        await translate(page);
        const wait = await page.getByTestId('resend-code').textContent();
        await page.waitForFunction((before) => document.querySelector('[data-testid=resend-code]')?.textContent !== before, wait);
        await page.getByRole('button', { name: 'Use another number' }).click();
        await translate(page);
        await page.getByRole('button', { name: 'Use a password instead' }).click();
        await translate(page);
        await signIn(page, customer.user.email ?? '', PASSWORD);
        await page.getByRole('link', { name: /^Account of/ }).click();
        await page.getByRole('button', { name: 'Set up or turn off' }).waitFor();
        await translate(page);
        await page.getByRole('button', { name: 'Set up or turn off' }).click();
        await page.getByTestId('recovery-codes').waitFor();
        await translate(page);
        await page.getByLabel('Code of the app').fill('000000');
        await page.getByRole('button', { name: 'Turn it on' }).click();
        await page.getByText('This code is wrong').waitFor();
        await translate(page);
        await page.getByRole('button', { name: 'Close' }).click();
        await page.getByRole('link', { name: 'Devices' }).click();
        await page.getByTestId('sessions').waitFor();
        await translate(page);
        await page.getByTestId('bell').click();
        await page.getByRole('heading', { level: 1, name: 'Notifications' }).waitFor();
        await translate(page);
        const order = await shop.placed(customer, await shop.stocked(1), 1, { paymentMethod: 'cod' });
        const told = page.getByTestId('notifications').getByRole('listitem').filter({ hasText: order.number });
        await told.waitFor();
        await translate(page);
        await told.getByRole('button', { name: /^Mark as read/ }).click();
        await told.and(page.locator('[data-unread=false]')).waitFor();
      });
    }, 120_000);

    it('say that a page broke and offer a way on', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const { url } = open();
        await page.route('**/api/products/no-such-shape/page', (route) =>
          route.fulfill({ json: { product: { id: 'x', name: 'Half a product' } } }),
        );
        await page.goto(`${url}/demo/p/no-such-shape`);
        await page.getByTestId('broken').getByRole('button', { name: 'Load it again' }).waitFor();
        await page.getByTestId('broken').getByRole('link', { name: 'To the start' }).click();
        await page.getByTestId('product-card').first().waitFor();
      });
    }, 60_000);
  });
}

/** What Chrome's translator does to a page: each text node is replaced by two nested elements with the text. */
const translate = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, (node) =>
      node.textContent?.trim() && !node.parentElement?.closest('font, script, noscript, title, option')
        ? NodeFilter.FILTER_ACCEPT
        : NodeFilter.FILTER_REJECT,
    );
    const texts: Node[] = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const text of texts) {
      const outer = document.createElement('font');
      const inner = document.createElement('font');
      inner.textContent = text.textContent;
      outer.append(inner);
      text.parentNode?.replaceChild(outer, text);
    }
  });
