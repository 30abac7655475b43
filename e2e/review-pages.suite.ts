import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { eventually } from '#libs/testing/builders';
import { accessible, DESK, inChromium, onPage, PHONE, signIn, signInAs } from './browser.ts';
import { type Customer, type Order, PASSWORD, type Shop, type Variant } from './shop.ts';

/** Reviews from the delivered parcel to the product's page, and as people see them. */
export function reviewPagesSuite(open: () => Shop): void {
  const bought = async (shop: Shop): Promise<{ customer: Customer; variant: Variant; order: Order }> => {
    const [customer, variant] = [await shop.register(), await shop.stocked(3)];
    const order = await shop.placed(customer, variant, 1, { paymentMethod: 'cod' });
    await shop.moved(order, 'packed', 'shipped', 'out_for_delivery', 'delivered');
    return { customer, variant, order };
  };
  const review = async ({ api }: Customer, body: { productId: string; rating: number; body?: string; images?: string[] }) => {
    const { data } = await api.POST('/api/reviews', { params: { header: {} }, body });
    if (data === undefined) throw new Error('a review was refused');
    return data;
  };

  const photo = (): Promise<Buffer> =>
    sharp({ create: { width: 300, height: 200, channels: 3, background: '#7a1f3d' } })
      .withExif({ IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '12/1 58/1 0/1' } })
      .jpeg()
      .toBuffer();
  const uploaded = async (shop: Shop, { token }: Customer): Promise<{ id: string; url: string }> => {
    const form = new FormData();
    form.append('purpose', 'review');
    form.append('file', new Blob([new Uint8Array(await photo())], { type: 'image/jpeg' }), 'kurta.jpg');
    const answer = await fetch(`${shop.url}/api/storage/upload`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: form,
    });
    if (answer.status !== 201) throw new Error(`a picture was refused: ${await answer.text()}`);
    return (await answer.json()) as { id: string; url: string };
  };

  describe('reviews from outside', () => {
    it('have pictures that others see while the review is shown, and staff by a signed address while it waits', async () => {
      const shop = open();
      const [author, stranger, variant] = [await shop.register(), await shop.register(), await shop.stocked(1)];
      const { id: fileId, url } = await uploaded(shop, author);
      const statusOf = async (address: string): Promise<number> => (await fetch(new URL(address, shop.url))).status;
      const foreign = await stranger.api.POST('/api/reviews', {
        params: { header: {} },
        body: { productId: variant.productId, rating: 1, images: [fileId] },
      });
      expect(foreign.error).toMatchObject({ code: 'review.image_unusable', imageIds: [fileId] });
      const held = await review(author, { productId: variant.productId, rating: 5, body: 'See www.example.org', images: [fileId] });
      expect(held.status).toBe('pending');
      await eventually(async () => (await statusOf(url)) === 404);
      const { api } = await shop.admin();
      const path = { id: held.id };
      const { data: seen } = await api.GET('/api/reviews/{id}', { params: { path } });
      expect(await statusOf(seen?.images[0]?.url ?? '')).toBe(200);
      await api.PATCH('/api/reviews/{id}/moderation', { params: { path }, body: { status: 'approved' } });
      await eventually(async () => (await statusOf(url)) === 200);
      expect((await author.api.DELETE('/api/storage/{id}', { params: { path: { id: fileId } } })).error).toMatchObject({
        code: 'storage.in_use',
      });
    }, 60_000);

    it('are verified by the delivery, and the product shows their rating in detail, list and page within five seconds', async () => {
      const shop = open();
      const { customer, variant } = await bought(shop);
      const { productId } = variant;
      const { id } = await review(customer, { productId, rating: 4 });
      await review(await shop.register(), { productId, rating: 5 });
      const path = { id: productId };
      const began = performance.now();
      await eventually(async () => {
        const { data } = await customer.api.GET('/api/products/{id}', { params: { path } });
        return data?.rating.average === 4.5 && data.rating.count === 2;
      });
      expect(performance.now() - began).toBeLessThan(5_000);
      await eventually(
        async () => (await customer.api.GET('/api/reviews/{id}', { params: { path: { id } } })).data?.verifiedPurchase === true,
      );
      const page = await eventually(async () => {
        const { data } = await customer.api.GET('/api/products/{id}/page', { params: { path } });
        return data?.reviews?.summary.count === 2 && data;
      });
      expect(page.product?.id).toBe(productId);
      expect(page.reviews?.items.map(({ rating }) => rating)).toEqual([5, 4]);
      const { data: rated } = await customer.api.GET('/api/products', {
        params: { query: { minRating: 4.5, sort: 'rating', limit: 100 } },
      });
      expect(rated?.items.map((one) => one.id)).toContain(productId);
    }, 60_000);

    it('are read without a token, with a tag that saves reading them again', async () => {
      const shop = open();
      const variant = await shop.stocked(1);
      await review(await shop.register(), { productId: variant.productId, rating: 3 });
      const address = `${shop.url}/api/reviews/product/${variant.productId}`;
      const first = await fetch(address);
      expect(first.headers.get('cache-control')).toBe('public, max-age=1');
      const again = await fetch(address, { headers: { 'if-none-match': first.headers.get('etag') ?? '' } });
      expect(again.status).toBe(304);
    });
  });

  inChromium('the pages of reviews in Chromium', open, (browser) => {
    it('lead from a delivered order to a review that others read on the product’s page, mark as helpful and report', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const shop = open();
        const { customer, variant, order } = await bought(shop);
        await page.goto(`${shop.url}/demo/orders/${order.id}`);
        await signIn(page, customer.user.email ?? '', PASSWORD);
        await page.getByRole('link', { name: /^Review / }).click();
        await page.getByRole('heading', { level: 1, name: 'Write a review' }).waitFor();
        await accessible(page);
        await page.getByRole('button', { name: 'Publish' }).click();
        await page.getByText('Please choose how many stars you give.').waitFor();
        // With the keyboard alone.
        await page.getByRole('radio', { name: '1 star', exact: true }).focus();
        for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowRight');
        expect(await page.getByRole('radio', { name: '4 stars' }).isChecked()).toBe(true);
        await page.getByLabel('True to size').check();
        await page.getByLabel('In a few words').fill('बहुत सुंदर कुर्ता');
        await page.getByLabel('What others should know').fill('Soft cotton.\n\nरंग वैसा ही है।');
        await page.getByLabel('Pictures').setInputFiles({ name: 'kurta.jpg', mimeType: 'image/jpeg', buffer: await photo() });
        await page.getByTestId('chosen-pictures').getByRole('img').waitFor();
        await accessible(page);
        await page.getByRole('button', { name: 'Publish' }).press('Enter');
        await page.locator('[data-testid=review-status][data-status=approved]').waitFor();
        await accessible(page);
        await page.getByRole('link', { name: 'To the product' }).click();
        const shown = page.getByTestId('review').filter({ hasText: 'बहुत सुंदर कुर्ता' });
        await shown.filter({ hasText: 'Size' }).waitFor();
        const picture = shown.getByRole('img', { name: /1 of 1$/ });
        await picture.scrollIntoViewIfNeeded();
        await eventually(() => picture.evaluate((one: HTMLImageElement) => one.naturalWidth > 0));
        await page.getByText('1 review', { exact: false }).first().waitFor();
        await accessible(page);

        await page.getByRole('link', { name: 'Write a review' }).click();
        await page.getByLabel('In a few words').fill('Lovely');
        await page.getByRole('button', { name: 'Save' }).click();
        await page.getByText('edited').waitFor();
        await page.goto(`${shop.url}/demo/account/security`);
        await page.getByRole('button', { name: 'Sign out' }).last().click();

        const reader = await shop.register();
        await page.goto(`${shop.url}/demo/p/${variant.productId}`);
        await page.getByRole('link', { name: 'Sign in to say whether it helped' }).click();
        await signIn(page, reader.user.email ?? '', PASSWORD);
        const read = page.getByTestId('review').filter({ hasText: 'Lovely' });
        await read.getByRole('button', { name: 'Helpful', exact: true }).click();
        await read.getByText('1 of 1 found this helpful.').waitFor();
        await read.getByRole('button', { name: 'Helpful', exact: true }).click();
        await read.getByText('found this helpful.').waitFor({ state: 'detached' });
        await read.getByRole('button', { name: 'Report', exact: true }).click();
        await page.getByLabel('What is wrong with it').selectOption('fake');
        await accessible(page);
        await page.getByRole('button', { name: 'Report this review' }).click();
        await page.getByText('Thank you, we look at it.').waitFor();
      });
    }, 180_000);

    it('let staff hide what was reported with a note, show what was held, and answer', async () => {
      await onPage(browser(), DESK, async (page) => {
        const shop = open();
        const variant = await shop.stocked(1);
        const [author, reader] = [await shop.register(), await shop.register()];
        const held = await review(author, { productId: variant.productId, rating: 2, body: `Write to me${Date.now()}@example.org` });
        const reported = await review(reader, { productId: variant.productId, rating: 1, body: `Reported ${Date.now()}` });
        await author.api.POST('/api/reviews/{id}/report', { params: { path: { id: reported.id }, header: {} }, body: { reason: 'spam' } });

        await page.goto(`${shop.url}/demo/staff/reviews?show=reported`);
        await signInAs(shop, page, 'support');
        const row = page.getByTestId('staff-review').filter({ hasText: reported.body ?? '' });
        await row.getByText('Reported: It is an advertisement (1).').waitFor();
        await accessible(page);
        await row.getByLabel('Note for the staff').fill('An advertisement');
        await row.getByRole('button', { name: 'Hide it' }).click();
        await page.getByText('The review is hidden.').waitFor();
        await row.waitFor({ state: 'detached' });

        await page.getByRole('link', { name: /^Waiting/ }).click();
        const waiting = page.getByTestId('staff-review').filter({ hasText: held.body ?? '' });
        await waiting.getByText('It waits: An address or a number in its text.').waitFor();
        await waiting.getByRole('button', { name: 'Answer' }).click();
        await waiting.getByLabel('Answer in the shop’s name').fill('Thank you for telling us');
        await accessible(page);
        await waiting.getByRole('button', { name: 'Publish the answer' }).click();
        await waiting.getByText('Thank you for telling us').waitFor();
        await waiting.getByRole('button', { name: 'Show it' }).click();
        await waiting.waitFor({ state: 'detached' });

        await page.goto(`${shop.url}/demo/p/${variant.productId}`);
        await page.getByTestId('review').filter({ hasText: 'Thank you for telling us' }).waitFor();
        expect(await page.getByTestId('review').count()).toBe(1);
        await accessible(page);
      });
    }, 120_000);

    it('say that reviews cannot be read, and show them at the next try, while the product stays', async () => {
      await onPage(browser(), DESK, async (page) => {
        const shop = open();
        const variant = await shop.stocked(1);
        let isDown = true;
        await page.route('**/api/reviews/product/**', (route) =>
          isDown ? route.fulfill({ status: 503, headers: { 'retry-after': '1' }, json: {} }) : route.continue(),
        );
        await page.goto(`${shop.url}/demo/p/${variant.productId}`);
        await page.getByTestId('add-to-cart').waitFor();
        await page.getByText('Something does not work on our side').waitFor();
        isDown = false;
        await page.getByRole('button', { name: 'Try again' }).click();
        await page.getByRole('heading', { name: 'No reviews yet' }).waitFor();
        await accessible(page);
      });
    }, 60_000);
  });
}
