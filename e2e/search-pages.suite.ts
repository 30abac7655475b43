import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { eventually } from '#libs/testing/builders';
import { accessible, DESK, inChromium, onPage, PHONE, signInAs } from './browser.ts';
import type { Shop } from './shop.ts';

/** How people search the shop, and how staff teach it words. */
export function searchPagesSuite(open: () => Shop): void {
  inChromium('searching in Chromium', open, (browser) => {
    it.each([
      ['phone', PHONE],
      ['desk', DESK],
    ] as const)(
      'suggests while somebody types, finds red kurtas for "kurtha lal", and narrows them, on a %s',
      async (_, viewport) => {
        await onPage(browser(), viewport, async (page) => {
          const { url, anonymous } = open();
          await page.goto(`${url}/demo/`);
          const box = page.getByRole('combobox', { name: 'Search the shop' });
          await box.pressSequentially('kurt');
          const options = page.getByRole('option');
          await options.filter({ hasText: 'Category' }).first().waitFor();
          expect(await box.getAttribute('aria-expanded')).toBe('true');
          await accessible(page);
          await page.keyboard.press('ArrowDown');
          const chosen = await box.getAttribute('aria-activedescendant');
          expect(await page.locator(`[id="${chosen}"]`).getAttribute('aria-selected')).toBe('true');
          await page.keyboard.press('Escape');
          await eventually(async () => (await box.getAttribute('aria-expanded')) === 'false');

          await box.fill('kurtha lal');
          await page.keyboard.press('Enter');
          const { data } = await anonymous.GET('/api/products/search', { params: { query: { q: 'kurtha lal' } } });
          const total = data?.total ?? 0;
          expect(total).toBeGreaterThan(0);
          await page.getByRole('heading', { level: 1, name: '“kurtha lal”' }).waitFor();
          await page
            .getByRole('status')
            .filter({ hasText: `${total} piece` })
            .waitFor();
          expect(await page.getByTestId('product-card').count()).toBe(Math.min(total, 24));
          await accessible(page);
          if (viewport === PHONE) await page.getByText('Filter and sort').click();
          await page.locator('.facet summary', { hasText: 'Size' }).click();
          const chip = page.locator('.facet[open] .chip').first();
          const count = await chip.locator('small').textContent();
          await chip.locator('input').check();
          await page
            .getByRole('status')
            .filter({ hasText: `${count} piece` })
            .waitFor();
          expect(new URL(page.url()).searchParams.get('q')).toBe('kurtha lal');
          await page.getByTestId('product-card').first().click();
          await page.getByTestId('add-to-cart').waitFor();
          await page.goBack();
          await page
            .getByRole('status')
            .filter({ hasText: `${count} piece` })
            .waitFor();
          expect(await box.inputValue()).toBe('kurtha lal');
        });
      },
      90_000,
    );

    it('says what it looked for instead of a typing error, and shows what comes nearest where nothing fits', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const { url } = open();
        await page.goto(`${url}/demo/?q=${encodeURIComponent('silk sarre')}`);
        await page.getByRole('link', { name: 'silk saree', exact: true }).waitFor();
        await page.getByTestId('product-card').first().waitFor();
        await page.goto(`${url}/demo/?q=${encodeURIComponent('saree qwrtzpsdfg')}`);
        await page.getByRole('heading', { name: 'Nothing fits “saree qwrtzpsdfg”' }).waitFor();
        await page.getByRole('heading', { name: 'What comes nearest' }).waitFor();
        await page.getByTestId('shelf-card').first().waitFor();
        await accessible(page);
      });
    }, 90_000);

    it('learns words from staff, and forgets them', async () => {
      await onPage(browser(), DESK, async (page) => {
        const shop = open();
        const word = `x${randomUUID().replaceAll(/[^a-f]/g, '')}zq`;
        const totalOf = async (): Promise<number> =>
          (await shop.anonymous.GET('/api/products/search', { params: { query: { q: word, limit: 1 } } })).data?.total ?? -1;
        expect(await totalOf()).toBe(0);
        await page.goto(`${shop.url}/demo/staff/synonyms`);
        await signInAs(shop, page, 'support');
        const form = page.getByRole('form', { name: 'New synonyms' });
        await form.getByLabel('Words of one meaning').fill(`${word}, sherwani`);
        await form.getByRole('button', { name: 'Add' }).click();
        await page.getByText('The words are added; searches know them already.').waitFor();
        await eventually(async () => (await totalOf()) > 0, 2_000);
        await page.getByLabel('Find a word').fill(word);
        const row = page.getByTestId('synonyms-row');
        await eventually(async () => (await row.count()) === 1);
        await row.getByRole('button', { name: 'Change' }).click();
        await accessible(page);
        await row.getByLabel('Words of one meaning').fill(word);
        await row.getByLabel('They find too').fill('jhumka');
        await row.getByRole('button', { name: 'Save' }).click();
        await page.getByText('find too: jhumka').waitFor();
        await row.getByRole('button', { name: 'Remove' }).click();
        await row.getByRole('button', { name: 'Yes, remove it' }).click();
        await page.getByText('No entry has').waitFor();
        await eventually(async () => (await totalOf()) === 0, 2_000);
      });
    }, 90_000);
  });
}
