import { expect, it } from 'vitest';
import { eventually } from '#libs/testing/builders';
import { accessible, DESK, inChromium, onPage, PHONE } from './browser.ts';
import type { Shop } from './shop.ts';

/** How people narrow the shop down, and what is shown to them beside it. */
export function findingPagesSuite(open: () => Shop): void {
  inChromium('finding in Chromium', open, (browser) => {
    it.each([
      ['phone', PHONE],
      ['desk', DESK],
    ] as const)(
      'narrows by several sizes and a colour, with counts that come true, and back, on a %s',
      async (_, viewport) => {
        await onPage(browser(), viewport, async (page) => {
          const { url, anonymous } = open();
          await page.goto(`${url}/demo/?category=women`);
          await page.getByTestId('product-card').first().waitFor();
          if (viewport === PHONE) await page.getByText('Filter and sort').click();
          await page.locator('.facet summary', { hasText: 'Size' }).click();
          const chips = page.locator('.facet[open] .chip');
          await chips.first().waitFor();
          await accessible(page);
          const { data } = await anonymous.GET('/api/products', { params: { query: { category: 'women', size: 'M' } } });
          const chip = chips.filter({ hasText: /^M\d/ });
          expect(await chip.locator('small').textContent()).toBe(data?.total.toLocaleString('en-IN'));
          await chip.locator('input').check();
          await page
            .getByRole('status')
            .filter({ hasText: `${data?.total.toLocaleString('en-IN')} piece` })
            .waitFor();
          await chips.filter({ hasText: /^L\d/ }).locator('input').check();
          const both = await anonymous.GET('/api/products', { params: { query: { category: 'women', size: 'M,L' } } });
          await page
            .getByRole('status')
            .filter({ hasText: `${both.data?.total.toLocaleString('en-IN')} piece` })
            .waitFor();
          expect(new URL(page.url()).searchParams.get('size')).toBe('M,L');
          await page.locator('.facet summary', { hasText: 'Colour' }).click();
          const colour = page.locator('.facet[open] .chip').first();
          const [name, count] = [await colour.locator('span').first().textContent(), await colour.locator('small').textContent()];
          await colour.locator('input').check();
          await page
            .getByRole('status')
            .filter({ hasText: `${count} piece` })
            .waitFor();
          await accessible(page);
          await page.getByRole('button', { name: `Without colour ${name}` }).click();
          await page
            .getByRole('status')
            .filter({ hasText: `${both.data?.total.toLocaleString('en-IN')} piece` })
            .waitFor();
          await page.getByRole('button', { name: 'Clear filters' }).click();
          await eventually(() => !new URL(page.url()).searchParams.has('size'));
        });
      },
      90_000,
    );

    it('shows what people look at on the front, and similar pieces beside a product', async () => {
      const { url, anonymous } = open();
      const { data } = await anonymous.GET('/api/products', { params: { query: { limit: 4, category: 'men' } } });
      const looked = data?.items ?? [];
      expect(looked).toHaveLength(4);
      // Others have looked at many products before: these are looked at by several people.
      for (const { api } of await open().registered(6))
        for (const { id } of looked) await api.POST('/api/products/{id}/view', { params: { path: { id } } });
      await onPage(browser(), PHONE, async (page) => {
        for (const { slug } of looked) {
          await page.goto(`${url}/demo/p/${slug}`);
          await page.getByRole('heading', { name: 'More like this' }).waitFor();
          await page.getByTestId('shelf-card').first().waitFor();
        }
        // The row is pushed aside by itself, not the page.
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.width);
        await accessible(page);
        await eventually(async () => {
          const { data: trending } = await anonymous.GET('/api/products/trending', { params: { query: {} } });
          return looked.every(({ id }) => trending?.items.some((item) => item.id === id));
        });
        await page.goto(`${url}/demo/`);
        await page.getByRole('heading', { name: 'Trending now' }).waitFor();
        for (const { slug } of looked) await page.locator(`[data-testid=shelf-card][href*="/p/${slug}"]`).waitFor();
        await accessible(page);
        await page.getByTestId('shelf-card').first().click();
        await page.getByTestId('add-to-cart').waitFor();
      });
    }, 90_000);
  });
}
