import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { eventually } from '#libs/testing/builders';
import { accessible, DESK, inChromium, onPage, PHONE, signIn } from './browser.ts';
import { PASSWORD, type Shop } from './shop.ts';

/** Hearts, lists, their links and alerts, as people see them. */
export function wishPagesSuite(open: () => Shop): void {
  inChromium('wishes in Chromium', open, (browser) => {
    it("of a guest wait in the browser, are taken along at the sign-in, and are on the customer's list", async () => {
      await onPage(browser(), PHONE, async (page) => {
        const shop = open();
        const customer = await shop.register();
        await page.goto(`${shop.url}/demo/wishlist`);
        await page.getByRole('heading', { name: 'Nothing on your wishlist yet' }).waitFor();
        await accessible(page);
        await page.getByRole('link', { name: 'See what is new' }).click();
        const hearts = page.getByRole('button', { name: /^On the wishlist/ });
        for (const index of [0, 1]) {
          await hearts.nth(index).focus();
          await page.keyboard.press('Enter');
          await page.locator(`li:nth-child(${index + 1}) > .heart[aria-pressed=true]`).waitFor();
        }
        await accessible(page);
        await page.getByRole('link', { name: 'Wishlist' }).click();
        await wishesShown(page, 2);
        await accessible(page);
        await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
        await signIn(page, customer.user.email ?? '', PASSWORD);
        await page.getByRole('heading', { level: 1, name: 'Your wishlist' }).waitFor();
        await wishesShown(page, 2);
        expect(await page.evaluate(() => localStorage.getItem('only2u.wishes'))).toBeNull();
        await accessible(page);
      });
    }, 120_000);

    it('are put on lists, moved between them and to the cart, and shared by a link until it is revoked', async () => {
      await onPage(browser(), DESK, async (page, context) => {
        const shop = open();
        const customer = await shop.register();
        const goods = await shop.stocked(5);
        await page.goto(`${shop.url}/demo/p/${goods.productId}?variant=${goods.variantId}`);
        await page.getByRole('button', { name: 'Add to wishlist' }).click();
        await page.getByRole('button', { name: 'On your wishlist' }).waitFor();
        await page.getByRole('link', { name: 'Wishlist' }).click();
        await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
        await signIn(page, customer.user.email ?? '', PASSWORD);
        await wishesShown(page, 1);

        await page.getByLabel('A new list').fill('Wedding');
        await page.getByRole('button', { name: 'Create' }).click();
        await page.getByRole('heading', { name: 'Nothing on this list yet' }).waitFor();
        await accessible(page);
        await page.getByRole('link', { name: 'Wishlist (1)' }).click();
        await page.getByLabel(/^Another list for/).selectOption('Wedding');
        await page.getByRole('button', { name: /^Move to this list/ }).click();
        await page.getByRole('heading', { name: 'Nothing on this list yet' }).waitFor();
        await page.getByRole('link', { name: 'Wedding (1)' }).click();
        await wishesShown(page, 1);

        await page.getByText('Name, sharing and more').click();
        await page.getByLabel('Who sees the list').selectOption('Whoever has the link sees it');
        await page.getByRole('button', { name: 'Save' }).click();
        const link = await page.getByTestId('share-link').inputValue();
        await accessible(page);
        const stranger = await browser().newContext({ viewport: PHONE });
        const theirs = await stranger.newPage();
        await theirs.goto(link);
        await theirs.getByRole('heading', { level: 1, name: 'Wedding' }).waitFor();
        await wishesShown(theirs, 1);
        await accessible(theirs);
        await page.getByRole('button', { name: 'Make a new link' }).click();
        await eventually(async () => (await page.getByTestId('share-link').inputValue()) !== link);
        await theirs.reload();
        await theirs.getByRole('heading', { name: 'This list is not here' }).waitFor();
        await stranger.close();

        await page.getByLabel(/^Tell me when it costs less/).click();
        await eventually(() => page.getByLabel(/^Tell me when it costs less/).isChecked());
        await page.getByRole('button', { name: /^Move to cart/ }).click();
        await page.getByText(/^Moved to the cart/).waitFor();
        await page.getByRole('link', { name: 'Cart, 1 item' }).click();
        await page.getByRole('heading', { level: 1, name: 'Your cart' }).waitFor();
        const { data } = await customer.api.GET('/api/collections/alerts', { params: { query: {} } });
        expect(data?.items).toMatchObject([{ kind: 'price_drop', status: 'waiting', productId: goods.productId }]);
        await context.clearCookies();
      });
    }, 120_000);

    it('say that they cannot be read, without a network too, and are read at the next try', async () => {
      await onPage(browser(), PHONE, async (page, context) => {
        const shop = open();
        const customer = await shop.register();
        let isDown = true;
        await page.route('**/api/collections/user/**', (route) => (isDown ? route.fulfill({ status: 503, body: '' }) : route.continue()));
        await page.goto(`${shop.url}/demo/sign-in?next=/wishlist`);
        await signIn(page, customer.user.email ?? '', PASSWORD);
        const again = page.getByRole('button', { name: 'Try again' });
        await again.waitFor();
        await accessible(page);
        isDown = false;
        await again.click();
        await page.getByRole('heading', { name: 'Nothing on this list yet' }).waitFor();
        await context.setOffline(true);
        await page.getByLabel('A new list').fill('Offline');
        await page.getByRole('button', { name: 'Create' }).click();
        await page.getByText('The shop cannot be reached.').first().waitFor();
        await context.setOffline(false);
        await page.getByRole('button', { name: 'Create' }).click();
        await page.getByRole('link', { name: 'Offline (0)' }).waitFor();
      });
    }, 120_000);
  });
}

const wishesShown = (page: Page, count: number): Promise<true> =>
  eventually(async () => (await page.getByTestId('wish').count()) === count);
