import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { eventually } from '#libs/testing/builders';
import { DESK, inChromium, onBlockedPage, onPage, signIn } from './browser.ts';
import { PASSWORD, type Shop } from './shop.ts';

/** A session belongs to a browser, with all its tabs. */
export function sessionSuite(open: () => Shop): void {
  inChromium('a session in Chromium', open, (browser) => {
    it('is there in a new tab, whose cart is the account’s and no guest’s', async () => {
      await onPage(browser(), DESK, async (page, context) => {
        const shop = open();
        const customer = await shop.register();
        const { productId } = await shop.stocked(2);
        await signedIn(shop, page, customer.user.email);
        const guests: string[] = [];
        context.on('request', (request) => {
          if (request.url().includes('/api/cart/guest')) guests.push(request.url());
        });
        const tab = await context.newPage();
        await tab.goto(`${shop.url}/demo/p/${productId}`);
        await tab.getByRole('button', { name: 'Sign out' }).waitFor();
        await tab.getByTestId('add-to-cart').click();
        await tab.getByRole('link', { name: 'Cart, 1 item' }).waitFor();
        const { data } = await customer.api.GET('/api/cart/{userId}', { params: { path: { userId: 'me' } } });
        expect(data?.items.map(({ quantity }) => quantity)).toEqual([1]);
        expect(guests).toEqual([]);
      });
    }, 90_000);

    it.each(['a guest', 'a customer'])(
      'shows %s one cart in all its tabs, whichever of them changes it',
      async (who) => {
        await onPage(browser(), DESK, async (page, context) => {
          const shop = open();
          const { productId } = await shop.stocked(3);
          if (who === 'a customer') await signedIn(shop, page, (await shop.register()).user.email);
          await page.goto(`${shop.url}/demo/p/${productId}`);
          await page.getByTestId('add-to-cart').waitFor();
          const tab = await context.newPage();
          await tab.goto(`${shop.url}/demo/cart`);
          await tab.getByRole('link', { name: 'Cart, 0 items' }).waitFor();
          await page.getByTestId('add-to-cart').click();
          await tab.getByRole('link', { name: 'Cart, 1 item' }).waitFor();
          await tab.getByRole('button', { name: /^One more/ }).click();
          await page.getByRole('link', { name: 'Cart, 2 items' }).waitFor();
        });
      },
      90_000,
    );

    it('outlives its access token in tabs that renew it at the same time', async () => {
      await onPage(browser(), DESK, async (page, context) => {
        const shop = open();
        const customer = await shop.register();
        await signedIn(shop, page, customer.user.email);
        const tabs = [page, await context.newPage(), await context.newPage()];
        for (let round = 0; round < 3; round += 1) {
          await spoilToken(page);
          await Promise.all(tabs.map((tab) => tab.goto(`${shop.url}/demo/orders`)));
          await Promise.all(tabs.map((tab) => tab.getByText('You have not ordered anything yet').waitFor()));
        }
        await Promise.all(tabs.map((tab) => tab.getByRole('button', { name: 'Sign out' }).waitFor()));
      });
    }, 90_000);

    it('ends without a network, in all tabs at once, and the shop hears of it later', async () => {
      await onPage(browser(), DESK, async (page, context) => {
        const shop = open();
        const customer = await shop.register();
        await signedIn(shop, page, customer.user.email);
        const tab = await context.newPage();
        await tab.goto(`${shop.url}/demo/orders`);
        await tab.getByText('You have not ordered anything yet').waitFor();
        const alive = async (): Promise<number> => {
          const { data } = await customer.api.GET('/api/auth/sessions');
          return data?.items.length ?? 0;
        };
        expect(await alive()).toBe(2);
        await context.setOffline(true);
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.getByRole('link', { name: 'Sign in', exact: true }).waitFor();
        await tab.getByRole('heading', { name: 'Sign in' }).waitFor();
        await context.setOffline(false);
        await eventually(async () => (await alive()) === 1);
        await page.reload();
        await page.getByRole('link', { name: 'Sign in', exact: true }).waitFor();
      });
    }, 90_000);

    it('begins where site data is blocked, and the page says how long it lasts', async () => {
      await onBlockedPage(async (page) => {
        const shop = open();
        const customer = await shop.register();
        await page.goto(`${shop.url}/demo/sign-in`);
        await page.getByTestId('not-remembered').waitFor();
        await signIn(page, customer.user.email ?? '', PASSWORD);
        await page.getByRole('button', { name: 'Sign out' }).waitFor();
        await page.getByRole('link', { name: 'Orders' }).click();
        await page.getByText('You have not ordered anything yet').waitFor();
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.getByRole('link', { name: 'Sign in', exact: true }).waitFor();
      });
    }, 60_000);
  });
}

async function signedIn(shop: Shop, page: Page, email: string | null): Promise<void> {
  await page.goto(`${shop.url}/demo/sign-in`);
  await signIn(page, email ?? '', PASSWORD);
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}

/** As after a quarter of an hour: the kept access token is no longer taken. */
const spoilToken = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const kept = JSON.parse(localStorage.getItem('only2u.session') ?? '{}');
    localStorage.setItem('only2u.session', JSON.stringify({ ...kept, accessToken: `${kept.accessToken}x` }));
  });
