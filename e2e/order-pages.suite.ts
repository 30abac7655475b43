import { expect, it } from 'vitest';
import { eventually } from '#libs/testing/builders';
import { DESK, inChromium, onPage, PHONE, signIn, signInAs } from './browser.ts';
import { PASSWORD, type Shop } from './shop.ts';

/** Orders after they were placed, as the customer and the staff see them. */
export function orderPagesSuite(open: () => Shop): void {
  inChromium('the pages of orders in Chromium', open, (browser) => {
    it('show what an order comes to after a line was cancelled, and staff what to collect', async () => {
      await onPage(browser(), DESK, async (page) => {
        const shop = open();
        const customer = await shop.register();
        const variant = await shop.stocked(3);
        const order = await shop.placed(customer, variant, 2, { paymentMethod: 'cod' });
        await page.goto(`${shop.url}/demo/orders/${order.id}`);
        await signIn(page, customer.user.email ?? '', PASSWORD);
        await page.getByTestId('cancel-items').click();
        await page.locator('.unit select').selectOption('1');
        await page.getByLabel('Why?').selectOption('Ordered by mistake');
        await page.getByTestId('send-units').click();
        const line = page.getByTestId('order-item');
        await line.locator('s', { hasText: '₹2,598' }).waitFor();
        await line.getByText('₹1,299', { exact: true }).waitFor();
        await page.getByTestId('order-total').getByText('₹1,299', { exact: true }).waitFor();
        await page.getByText('−₹1,299').waitFor();
        await page.getByText('by you').first().waitFor();
        await page.getByRole('link', { name: 'Orders' }).click();
        await page.locator('.orders s', { hasText: '₹2,598' }).waitFor();
        await page.getByRole('button', { name: 'Sign out' }).click();

        await page.goto(`${shop.url}/demo/staff/orders/${order.id}`);
        await signInAs(shop, page, 'support');
        await page.getByTestId('collect').getByText('Collect ₹1,299').waitFor();
        await page.getByText('by the customer').first().waitFor();
      });
    }, 120_000);

    it('take a return back unit by unit, at the sum that the button says, and tell the customer what became of each', async () => {
      await onPage(browser(), DESK, async (page) => {
        const shop = open();
        const customer = await shop.register();
        const variant = await shop.stocked(4);
        const order = await shop.placed(customer, variant, 4, { paymentMethod: 'cod' });
        await shop.moved(order, 'packed', 'shipped', 'out_for_delivery');
        await page.goto(`${shop.url}/demo/staff/orders/${order.id}`);
        await signInAs(shop, page, 'support');
        await page.getByTestId('step-delivered').click();
        await page.getByRole('button', { name: 'Yes, ₹5,196 was collected' }).click();
        await page.getByTestId('order-status').filter({ hasText: 'Delivered' }).waitFor();
        await page.getByRole('button', { name: 'Sign out' }).click();

        await page.goto(`${shop.url}/demo/orders/${order.id}`);
        await signIn(page, customer.user.email ?? '', PASSWORD);
        await page.getByTestId('return-items').click();
        await page.locator('.unit select').selectOption('3');
        await page.getByLabel('Why?').selectOption('It does not fit');
        await page.getByTestId('send-units').click();
        const asked = page.getByTestId('returns').locator('[data-status=requested]');
        const unit = asked.filter({ hasText: /3 × Test kurta .*, Indigo, M/ }).filter({ hasText: 'It does not fit' });
        await unit.filter({ hasText: '₹3,897' }).waitFor();
        await page.getByRole('button', { name: 'Sign out' }).click();

        await page.goto(`${shop.url}/demo/staff/orders/${order.id}`);
        await signInAs(shop, page, 'support');
        await unit.waitFor();
        const book = page.getByTestId('receive-return');
        await book.filter({ hasText: 'refund ₹3,897' }).waitFor();
        await page.getByLabel('Goes to the customer again').selectOption('1');
        await book.filter({ hasText: 'refund ₹2,598' }).waitFor();
        await page.getByLabel('Not for sale').selectOption('1');
        await page.getByTestId('restocked').filter({ hasText: /^1$/ }).waitFor();
        await book.click();
        await page.getByRole('button', { name: 'Yes, refund ₹2,598' }).click();
        const received = page.getByTestId('returns').locator('[data-status=received]').filter({ hasText: '₹2,598' });
        for (const fate of [/1 × .*: for sale again/, /1 × .*: not for sale/, /1 × .*: goes to the customer again/])
          await received.filter({ hasText: fate }).waitFor();
        await page.getByTestId('refunds').getByText('₹2,598').waitFor();
        await eventually(async () => (await shop.stockOf(variant)).onHand === 1);
        await page.getByRole('button', { name: 'Sign out' }).click();

        await page.goto(`${shop.url}/demo/orders/${order.id}`);
        await signIn(page, customer.user.email ?? '', PASSWORD);
        await received
          .filter({ hasText: /2 × .*: taken back/ })
          .filter({ hasText: /1 × .*: not taken back/ })
          .waitFor();
        expect(await received.textContent()).not.toContain('for sale');
      });
    }, 120_000);

    it('refuse a return of which nothing is taken back, and refund nothing for it', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const shop = open();
        const customer = await shop.register();
        const order = await shop.placed(customer, await shop.stocked(1), 1, { paymentMethod: 'cod' });
        const { items } = await shop.moved(order, 'packed', 'shipped', 'out_for_delivery', 'delivered');
        const itemId = items[0]?.id ?? '';
        const asked = await shop.send(customer, 'POST', `/api/orders/${order.id}/return`, {
          items: [{ itemId, quantity: 1, reason: 'It is damaged' }],
        });
        expect(asked.status).toBe(200);
        await page.goto(`${shop.url}/demo/staff/orders/${order.id}`);
        await signInAs(shop, page, 'support');
        await page.getByRole('button', { name: 'Nothing is taken back' }).click();
        await page.getByTestId('receive-return').filter({ hasText: 'Refuse the return' }).click();
        await page.getByRole('button', { name: 'Yes, refuse it' }).click();
        await page.getByTestId('returns').locator('[data-status=refused]').filter({ hasText: 'goes to the customer again' }).waitFor();
        await page.getByText('There are no refunds.').waitFor();
      });
    }, 90_000);

    it('keep the staff’s filters in the address, and their date fields apart', async () => {
      await onPage(browser(), { width: 1366, height: 768 }, async (page) => {
        const shop = open();
        const customer = await shop.register();
        const order = await shop.placed(customer, await shop.stocked(1), 1, { paymentMethod: 'cod' });
        await page.goto(`${shop.url}/demo/staff`);
        await signInAs(shop, page, 'support');
        for (const width of [1366, 390, 320]) {
          await page.setViewportSize({ width, height: 800 });
          const boxes = await Promise.all(['From', 'Up to'].map((label) => page.getByLabel(label).boundingBox()));
          const search = await page.getByTestId('search-orders').boundingBox();
          expect(overlaps(boxes[0], boxes[1]) || overlaps(boxes[1], search), `at ${width} px`).toBe(false);
          expect((boxes[1]?.x ?? 0) + (boxes[1]?.width ?? 0), `at ${width} px`).toBeLessThanOrEqual(width);
        }
        await page.getByLabel('Number, phone or e-mail').fill(order.number);
        await page.getByTestId('search-orders').click();
        await page.locator('.orders li').nth(1).waitFor({ state: 'detached' });
        expect(new URL(page.url()).searchParams.get('q')).toBe(order.number);
        await page.getByText(order.number).click();
        await page.getByTestId('order-status').waitFor();
        await page.goBack();
        await page.getByText(order.number).waitFor();
        await page.locator('.orders li').nth(1).waitFor({ state: 'detached' });
        expect(await page.getByLabel('Number, phone or e-mail').inputValue()).toBe(order.number);
      });
    }, 90_000);

    it('give support no form that it may not send', async () => {
      await onPage(browser(), DESK, async (page) => {
        const shop = open();
        await page.goto(`${shop.url}/demo/staff/coupons`);
        await signInAs(shop, page, 'support');
        await page.getByRole('heading', { level: 1, name: 'There is no such page' }).waitFor();
        expect(await page.getByTestId('create-coupon').count()).toBe(0);
        await page.getByRole('link', { name: 'To the orders' }).click();
        await page.getByTestId('search-orders').waitFor();
      });
    }, 60_000);
  });
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const overlaps = (one: Box | null | undefined, other: Box | null | undefined): boolean =>
  !!one &&
  !!other &&
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height;
