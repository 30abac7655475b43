import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { eventually } from '#libs/testing/builders';
import { accessible, DESK, inChromium, onPage, PHONE, signInAs } from './browser.ts';
import type { Shop } from './shop.ts';

/** Where pictures of the pages are put to be looked at; none where it is not set. */
const PICTURES = process.env.PICTURES_DIR;

/** The catalogue as its staff keep it, in the browser. */
export function cataloguePagesSuite(open: () => Shop): void {
  const looked = async (page: Page, name: string): Promise<void> => {
    await accessible(page);
    const isWide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    expect(isWide).toBe(false);
    if (PICTURES === undefined) return;
    await mkdir(PICTURES, { recursive: true });
    await page.screenshot({ path: `${PICTURES}/${name}-${page.viewportSize()?.width}.png`, fullPage: true });
  };

  inChromium('the catalogue of its staff in Chromium', open, (browser) => {
    for (const viewport of [PHONE, DESK]) {
      it(`makes a draft, gives it variants and stock, and publishes it, at ${viewport.width} pixels`, async () => {
        await onPage(browser(), viewport, async (page) => {
          const shop = open();
          const name = `Made by hand ${randomUUID().slice(0, 8)}`;
          await page.goto(`${shop.url}/demo/staff/products`);
          await signInAs(shop, page, 'admin');
          await page.getByTestId('products').getByRole('link').first().waitFor();
          await looked(page, 'products');
          await page.getByRole('link', { name: 'A new product' }).click();
          await page.getByLabel('Name').fill(name);
          await page.getByLabel('Brand').fill('Aaranya');
          await page.getByLabel('Category').selectOption({ index: 1 });
          await looked(page, 'new-product');
          await page.getByTestId('save-product').click();
          await page.getByRole('heading', { level: 1, name }).waitFor();
          await page.getByText('To be sold it needs a variant with its MRP, an HSN, a country of origin and a picture.').waitFor();
          await page.getByTestId('publish').click();
          await page.getByText('Draft', { exact: true }).waitFor();
          const form = page.getByRole('form', { name: 'A new variant' });
          await form.getByLabel('Size').fill('M');
          await form.getByLabel('Colour').fill('Indigo');
          await form.getByLabel('Price in ₹').fill('699');
          await form.getByLabel('MRP in ₹').fill('999');
          await form.getByRole('button', { name: 'Add the variant' }).press('Enter');
          await page.getByRole('button', { name: /^M, Indigo: 0 to sell/ }).press('Enter');
          await page.getByLabel('Counted in the warehouse').fill('7');
          await page.getByTestId('count-stock').click();
          await page.getByRole('button', { name: /^M, Indigo: 7 to sell/ }).waitFor();
          await page.getByLabel('More or fewer').fill('-2');
          await page.getByLabel('Why').fill('torn');
          await page.getByTestId('correct-stock').click();
          await page
            .getByTestId('stock-book')
            .getByText(/Corrected · torn/)
            .waitFor();
          await page.getByLabel('HSN').fill('6204');
          await page.getByLabel('Country of origin').fill('India');
          await page.getByTestId('save-product').click();
          await page.getByText('To be sold it needs a picture.').waitFor();
          const { api } = await shop.admin();
          const body = { images: [{ url: '/media/x.svg', alt: 'drawn' }] };
          await api.PATCH('/api/products/{id}', { params: { path: { id: new URL(page.url()).pathname.split('/').at(-1) ?? '' } }, body });
          await page.getByTestId('publish').click();
          await page.getByText('Published', { exact: true }).waitFor();
          await looked(page, 'product');
          await page.goto(`${shop.url}/demo/staff/products?q=${encodeURIComponent(name)}`);
          await page.getByRole('status').filter({ hasText: '1 in this list' }).waitFor();
          await page.getByLabel('Name, brand or SKU').fill('no such thing at all');
          await page.getByTestId('search-products').press('Enter');
          await page.getByRole('heading', { name: 'No product fits' }).waitFor();
          await looked(page, 'no-products');
        });
      }, 180_000);

      it(`tries a file, names its wrong rows, imports it, and sets many prices, at ${viewport.width} pixels`, async () => {
        await onPage(browser(), viewport, async (page) => {
          const shop = open();
          const sku = `PAGE-${randomUUID().slice(0, 8)}`;
          const { data: tree } = await shop.anonymous.GET('/api/categories');
          const head = 'name,brand,category,sku,size,color,price,mrp,stock';
          const row = (size: string, price: string): string =>
            `From a file ${sku},Aaranya,${tree?.items[0]?.slug},${sku}-${size},${size},Red,${price},99900,3`;
          const file = {
            name: 'goods.csv',
            mimeType: 'text/csv',
            buffer: Buffer.from([head, row('M', '50000'), row('L', 'dear')].join('\n')),
          };
          await page.goto(`${shop.url}/demo/staff/products/import`);
          await signInAs(shop, page, 'admin');
          await page.getByLabel('A file of products').setInputFiles(file);
          await page.getByTestId('import').press('Enter');
          await page.getByText('It would be: 1 made, 0 changed, 1 wrong.').waitFor();
          await page.getByTestId('import-errors').getByText(/price/).waitFor();
          await looked(page, 'import');
          await page.getByLabel('Only try: say what would change').uncheck();
          await page.getByTestId('import').click();
          await page.getByText('Done: 1 made, 0 changed, 1 wrong.').waitFor();
          await page.goto(`${shop.url}/demo/staff/products/prices`);
          await page.getByLabel('SKU, price and MRP in ₹').fill(`${sku}-M\t450`);
          await page.getByTestId('preview-prices').press('Enter');
          await page.getByText('₹500 → ₹450').waitFor();
          await looked(page, 'prices');
          await page.getByTestId('apply-prices').click();
          await page.getByText('1 prices are set.').waitFor();
        });
      }, 180_000);

      it(`orders categories and keeps size charts, at ${viewport.width} pixels`, async () => {
        await onPage(browser(), viewport, async (page) => {
          const shop = open();
          const name = `Aaa ${randomUUID().slice(0, 8)}`;
          await page.goto(`${shop.url}/demo/staff/products/categories`);
          await signInAs(shop, page, 'admin');
          const rows = page.getByTestId('categories').getByRole('listitem');
          await rows.first().waitFor();
          await page.getByRole('form', { name: 'A new category' }).getByLabel('Name').fill(name);
          await page.getByRole('button', { name: 'Add the category' }).press('Enter');
          await page.getByRole('button', { name: `Change ${name}` }).waitFor();
          await looked(page, 'categories');
          const isFirst = async (): Promise<boolean> => (await rows.first().textContent())?.includes(name) === true;
          const up = page.getByRole('button', { name: `Move ${name} up` });
          while (!(await isFirst()) && (await up.isEnabled())) {
            const before = await rows.allTextContents();
            await up.press('Enter');
            await eventually(async () => JSON.stringify(await rows.allTextContents()) !== JSON.stringify(before));
          }
          expect(await isFirst()).toBe(true);
          await page.goto(`${shop.url}/demo/staff/products/size-charts`);
          await page.getByLabel('Category').selectOption(name);
          await page.getByLabel('Sizes').fill('Size, Bust, Waist\nS, 86, 70\nM, 92, 76');
          await page.getByRole('button', { name: 'Save the size chart' }).press('Enter');
          await page.getByRole('table', { name: new RegExp(`${name}, all brands`) }).waitFor();
          await looked(page, 'size-charts');
        });
      }, 180_000);
    }
  });
}
