import sharp from 'sharp';
import { expect, it } from 'vitest';
import { accessible, DESK, inChromium, onPage, PHONE, signInAs } from './browser.ts';
import type { Shop } from './shop.ts';

/** The pictures of goods, from the staff's page to the shop. */
export function productPicturesSuite(open: () => Shop): void {
  const photo = async (name: string, background: string) => ({
    ...{ name, mimeType: 'image/png' },
    buffer: await sharp({ create: { width: 300, height: 400, channels: 3, background } })
      .png()
      .toBuffer(),
  });

  inChromium('pictures of products in Chromium', open, (browser) => {
    it('are stored, described and put in order by an admin, and are what the shop shows', async () => {
      await onPage(browser(), DESK, async (page) => {
        const shop = open();
        const { productId } = await shop.stocked(2);
        await page.goto(`${shop.url}/demo/staff/products/${productId}/pictures`);
        await signInAs(shop, page, 'admin');
        const field = page.getByLabel('Pictures', { exact: false }).and(page.locator('input[type=file]'));
        await field.setInputFiles([await photo('front.png', '#7a1f3d'), await photo('back.png', '#1f6b47')]);
        const rows = page.getByTestId('product-pictures').getByRole('listitem');
        await rows.nth(1).waitFor();
        await page.getByLabel('What picture 1 shows').fill('Kurta from the back');
        await page.getByLabel('What picture 2 shows').fill('Kurta from the front');
        await page.getByRole('button', { name: 'Move picture 2 up' }).click();
        await accessible(page);
        await page.getByTestId('save-pictures').click();
        await page.getByText('Saved.').waitFor();
        await page.setViewportSize(PHONE);
        await accessible(page);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);

        await page.getByRole('link', { name: 'See it in the shop' }).click();
        await page.locator('.gallery .picture').getByRole('img', { name: 'Kurta from the front' }).waitFor();
        // Of the gallery: what lies further down is loaded when it is near.
        await page.waitForFunction(() =>
          [...document.querySelectorAll<HTMLImageElement>('.gallery .picture img')].every(({ naturalWidth }) => naturalWidth > 0),
        );
        await page.getByRole('link', { name: 'Change the pictures' }).click();
        await page.getByRole('button', { name: 'Remove picture 1' }).click();
        await page.getByTestId('save-pictures').click();
        await page.getByText('Saved.').waitFor();
        const { data } = await shop.anonymous.GET('/api/products/{id}', { params: { path: { id: productId } } });
        expect(data?.images.map(({ alt }) => alt)).toEqual(['Kurta from the back']);
      });
    }, 120_000);
  });
}
