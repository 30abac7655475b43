import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { inChromium, onPage } from './browser.ts';
import { PASSWORD, type Shop } from './shop.ts';

/** The demo shop as a customer uses it, paying on the sandbox's own page. */
export function browserSuite(open: () => Shop): void {
  inChromium('the demo shop in Chromium', open, (browser) => {
    it('sells to a new customer, on a phone: from the catalogue with a coupon to a confirmed order; its invoice, one unit cancelled and refunded', async () => {
      await onPage(browser(), { width: 360, height: 740 }, async (page) => {
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
        await shop.stockBecomes(variant, { onHand: 1, reserved: 0, available: 1 });
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
        await shop.stockBecomes(variant, { onHand: 2, reserved: 0, available: 2 });
      });
    }, 120_000);

    it('lets a customer try again after the bank declined', async () => {
      await onPage(browser(), { width: 1280, height: 900 }, async (page) => {
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
