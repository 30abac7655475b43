import { expect, it } from 'vitest';
import { eventually } from '#libs/testing/builders';
import { inChromium, onPage, PHONE, signIn } from './browser.ts';
import { PASSWORD, type Shop } from './shop.ts';

/** Where addresses, cards and links of mails lead, and what is shown there. */
export function pagesSuite(open: () => Shop): void {
  inChromium('the pages in Chromium', open, (browser) => {
    it('lead on from a product, a category, an order and a page that there is not', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const shop = open();
        const customer = await shop.register();
        for (const path of ['/p/no-such-product', '/?category=nonsense', '/nowhere/at/all']) {
          await page.goto(`${shop.url}/demo${path}`);
          await page.getByRole('heading', { level: 1, name: /not here|no such/ }).waitFor();
          await page.getByRole('link', { name: 'To the shop', exact: true }).click();
          await page.getByTestId('product-card').first().waitFor();
        }
        await page.goto(`${shop.url}/demo/orders/not-an-order`);
        await signIn(page, customer.user.email ?? '', PASSWORD);
        await page.getByRole('heading', { level: 1, name: 'This order is not here' }).waitFor();
        await page.getByRole('link', { name: 'Your orders' }).click();
        await page.getByRole('heading', { name: 'Your orders' }).waitFor();
      });
    }, 90_000);

    it('confirm an e-mail address by the link of its mail, and lead on from a link that is not good', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const shop = open();
        const customer = await shop.register();
        const path = await eventually(async () => {
          const inbox = await fetch(`${shop.url}/dev/inbox?to=${encodeURIComponent(customer.user.email ?? '')}`);
          const { items } = (await inbox.json()) as { items: { text: string }[] };
          return /\/verify-email\?token=[\w-]+/.exec(items[0]?.text ?? '')?.[0];
        });
        await page.goto(`${shop.url}${path}`);
        await page.getByRole('heading', { level: 1, name: 'Your e-mail address is confirmed' }).waitFor();
        // Neither in the address bar's query nor in a log.
        expect(new URL(page.url()).search).toBe('');
        const { data } = await customer.api.GET('/api/auth/me');
        expect(data?.emailVerified).toBe(true);
        await page.goto(`${shop.url}/verify-email?token=not-a-token`);
        await page.getByRole('heading', { level: 1, name: 'This link is not good any more' }).waitFor();
        await page.getByRole('link', { name: 'Sign in for a fresh mail' }).click();
        await signIn(page, customer.user.email ?? '', PASSWORD);
        await page.getByRole('button', { name: 'Send a fresh mail' }).waitFor();
      });
    }, 60_000);

    it('open a product at the price and the picture that its card shows', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const { url, anonymous } = open();
        const { data } = await anonymous.GET('/api/products', { params: { query: { limit: 100, sort: 'price_desc' } } });
        // Of those whose prices differ, most opened at another price before.
        const varied = (data?.items ?? []).filter(({ priceVaries, images }) => priceVaries && images.length > 0).slice(0, 3);
        expect(varied.length).toBeGreaterThan(0);
        await page.goto(`${url}/demo/?sort=price_desc`);
        const cards = page.getByTestId('product-card');
        await cards.first().waitFor();
        for (const { slug } of varied) {
          while ((await page.locator(`[href*="/p/${slug}?"]`).count()) === 0) {
            const count = await cards.count();
            await page.getByRole('button', { name: 'Show more' }).click();
            await cards.nth(count).waitFor();
          }
          const card = page.locator(`[href*="/p/${slug}?"]`);
          await card.getByText('from', { exact: false }).first().waitFor();
          const price = await card.locator('.price strong').textContent();
          const picture = await card.locator('img').getAttribute('src');
          await card.click();
          await page.getByTestId('add-to-cart').waitFor();
          await eventually(async () => (await page.locator('.price-line strong').textContent()) === price);
          await eventually(async () => (await page.locator('.gallery .picture img').getAttribute('src')) === picture);
          await page.goBack();
          await cards.first().waitFor();
        }
      });
    }, 120_000);

    it('show pictures of another host that the catalogue takes', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const shop = open();
        const { api } = await shop.admin();
        const { productId } = await shop.stocked(1);
        const url = 'https://pictures.example.com/kurta.svg';
        const edited = await api.PATCH('/api/products/{id}', {
          params: { path: { id: productId } },
          body: { images: [{ url, alt: 'Kurta' }] },
        });
        expect(edited.error).toBeUndefined();
        const body = '<svg xmlns="http://www.w3.org/2000/svg" width="6" height="8"/>';
        await page.route(url, (route) => route.fulfill({ contentType: 'image/svg+xml', body }));
        await page.goto(`${shop.url}/demo/p/${productId}`);
        const picture = page.getByRole('img', { name: 'Kurta' });
        await picture.waitFor();
        await page.waitForFunction(() => [...document.images].every(({ naturalWidth }) => naturalWidth > 0));
      });
    }, 60_000);
  });
}
