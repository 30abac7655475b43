import type { Locator, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { eventually } from '#libs/testing/builders';
import { accessible, DESK, inChromium, onPage, PHONE, signIn } from './browser.ts';
import { type Customer, PASSWORD, type Shop } from './shop.ts';

/** The bell, the list behind it and what one is told, as people see them. */
export function notificationPagesSuite(open: () => Shop): void {
  inChromium('notifications in Chromium', open, (browser) => {
    it('ring on two open pages, are listed with a way to what they are about, and are read on one for both', async () => {
      await onPage(browser(), PHONE, async (page, context) => {
        const shop = open();
        const customer = await shop.register();
        await page.goto(`${shop.url}/demo/account/notifications`);
        await signIn(page, customer.user.email ?? '', PASSWORD);
        await page.getByRole('heading', { level: 1, name: 'Notifications' }).waitFor();
        const other = await context.newPage();
        await other.setViewportSize(DESK);
        await other.goto(`${shop.url}/demo/orders`);
        await other.getByTestId('bell').waitFor();
        const before = await unreadOn(page, customer);
        await signInElsewhere(shop, customer);
        for (const one of [page, other]) await bellShows(one, before + 1);
        const first = page.getByTestId('notifications').getByRole('listitem').first();
        await first.filter({ hasText: /signed? in/i }).waitFor();
        await accessible(page);
        await accessible(other);
        await first.getByRole('button', { name: /^Mark as read/ }).click();
        for (const one of [page, other]) await bellShows(one, before);
        await page.locator('[data-unread=false]').first().waitFor();
      });
    }, 120_000);

    it('tell of an order on every open page as soon as it is confirmed, and lead to it', async () => {
      await onPage(browser(), DESK, async (page, context) => {
        const shop = open();
        const customer = await shop.register();
        await page.goto(`${shop.url}/demo/account/notifications`);
        await signIn(page, customer.user.email ?? '', PASSWORD);
        const other = await context.newPage();
        await other.goto(`${shop.url}/demo/orders`);
        await other.getByTestId('bell').waitFor();
        const before = await unreadOn(page, customer);
        const order = await shop.placed(customer, await shop.stocked(1), 1, { paymentMethod: 'cod' });
        for (const one of [page, other]) await bellShows(one, before + 1);
        const told = page.getByTestId('notifications').getByRole('listitem').filter({ hasText: order.number });
        await told.getByRole('link').click();
        await page.getByRole('heading', { level: 1, name: `Order ${order.number}` }).waitFor();
        for (const one of [page, other]) await bellShows(one, before);
      });
    }, 90_000);

    it('are all read at once, and removed one by one', async () => {
      await onPage(browser(), DESK, async (page) => {
        const shop = open();
        const customer = await shop.register();
        await signInElsewhere(shop, customer);
        await page.goto(`${shop.url}/demo/account/notifications`);
        await signIn(page, customer.user.email ?? '', PASSWORD);
        await page.getByRole('button', { name: 'Mark all as read' }).click();
        await page.locator('[data-unread=true]').first().waitFor({ state: 'detached' });
        await bellShows(page, 0);
        const rows = page.getByTestId('notifications').getByRole('listitem');
        for (let left = await rows.count(); left > 0; left -= 1) {
          await rows
            .first()
            .getByRole('button', { name: /^Remove/ })
            .click();
          await rows.nth(left - 1).waitFor({ state: 'detached' });
        }
        await page.getByRole('heading', { name: 'Nothing yet' }).waitFor();
        await accessible(page);
      });
    }, 90_000);

    it('come as their reader wants: by category and channel, with what is always sent, with quiet hours and in a language', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const shop = open();
        const customer = await shop.register();
        const kept = async () => {
          const { data } = await customer.api.GET('/api/notifications/user/{userId}/preferences', { params: { path: { userId: 'me' } } });
          return data;
        };
        await page.goto(`${shop.url}/demo/account/settings`);
        await signIn(page, customer.user.email ?? '', PASSWORD);
        await page.getByLabel('Offers: Mail').waitFor();
        await accessible(page);
        for (const locked of ['Your account: Mail, always on', 'Your orders: Here, always on']) {
          expect(await page.getByLabel(locked).isDisabled()).toBe(true);
          expect(await page.getByLabel(locked).isChecked()).toBe(true);
        }
        await page.getByLabel('Wish list: Mail').focus();
        await page.keyboard.press('Space');
        await page.getByLabel('Wish list: Mail').and(page.locator(':not(:checked)')).waitFor();
        // Whoever goes on with the keyboard is where they were.
        expect(await page.getByLabel('Wish list: Mail').evaluate((box) => box === document.activeElement)).toBe(true);
        await eventually(async () => (await kept())?.channels.wishlist.email === false);
        expect(await ticked(page.getByLabel('Offers: Mail'))).toBe(true);
        await eventually(async () => (await kept())?.channels.promotions.email === true);
        await eventually(() => page.getByLabel('Offers: Mail').isChecked());
        expect((await kept())?.channels.wishlist.email).toBe(false);
        await page.getByLabel('Until', { exact: true }).fill('08:30');
        await page.getByLabel('Until', { exact: true }).blur();
        await eventually(async () => (await kept())?.quietHours?.to === '08:30');
        await page.getByLabel('Offers and the wish list wait').uncheck();
        await eventually(async () => (await kept())?.quietHours === null);
        await page.getByLabel('We write to you in').selectOption('hi');
        await eventually(async () => (await kept())?.locale === 'hi');
        await page.reload();
        await page.getByLabel('Wish list: Mail').and(page.locator(':not(:checked)')).waitFor();
        await eventually(async () => (await page.getByLabel('We write to you in').inputValue()) === 'hi');
        await accessible(page);
      });
    }, 90_000);

    it('say that they cannot be read, and are read at the next try', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const shop = open();
        const customer = await shop.register();
        let isDown = true;
        await page.route('**/api/notifications/user/**', (route) =>
          isDown ? route.fulfill({ status: 503, headers: { 'retry-after': '1' }, json: {} }) : route.continue(),
        );
        await page.goto(`${shop.url}/demo/account/notifications`);
        await signIn(page, customer.user.email ?? '', PASSWORD);
        await page.getByText('Something does not work on our side').waitFor();
        await accessible(page);
        isDown = false;
        await page.getByRole('button', { name: 'Try again' }).click();
        await page
          .getByTestId('notifications')
          .or(page.getByRole('heading', { name: 'Nothing yet' }))
          .first()
          .waitFor({ state: 'attached' });
        await page.getByText('Something does not work on our side').waitFor({ state: 'detached' });
      });
    }, 90_000);
  });
}

const bellShows = (page: Page, unread: number): Promise<void> =>
  page
    .getByRole('link', { name: unread === 0 ? 'Notifications' : `Notifications, ${unread} unread`, exact: true })
    .first()
    .waitFor();

/** How many are unread, once the bell shows that. */
async function unreadOn(page: Page, customer: Customer): Promise<number> {
  const { data } = await customer.api.GET('/api/notifications/user/{userId}', { params: { path: { userId: 'me' }, query: { limit: 1 } } });
  const unread = data?.unreadCount ?? 0;
  await bellShows(page, unread);
  return unread;
}

/** From a browser that the account does not know, which it is told of. */
async function signInElsewhere(shop: Shop, { user }: Customer): Promise<void> {
  const headers = { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0' };
  const answer = await shop.send(undefined, 'POST', '/api/auth/login', { email: user.email, password: PASSWORD }, headers);
  expect(answer.status).toBe(200);
}

/** Clicks a tick. @returns what it shows before the page does anything else */
const ticked = (box: Locator): Promise<boolean> =>
  box.evaluate(async (input: HTMLInputElement) => {
    input.click();
    for (let turn = 0; turn < 50; turn += 1) await undefined;
    return input.checked;
  });
