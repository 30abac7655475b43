import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { eventually } from '#libs/testing/builders';
import { accessible, DESK, inChromium, onPage, PHONE, signIn, signInAs } from './browser.ts';
import { type Customer, PASSWORD, type Shop } from './shop.ts';

const MINE = { params: { path: { userId: 'me' }, query: { limit: 20 } } } as const;

/** Feedback from its sender to the staff and back, through the gateway and in the browser. */
export function feedbackSuite(open: () => Shop): void {
  describe('feedback', () => {
    it('names an order as it was, is answered by the staff, and its author is told once', async () => {
      const shop = open();
      const customer = await shop.register();
      const { api: support } = await shop.admin();
      const order = await shop.placed(customer, await shop.stocked(1), 1, { paymentMethod: 'cod' });
      const body = {
        category: 'complaint' as const,
        subject: 'The parcel is late',
        message: 'It was to come last week',
        orderId: order.id,
      };
      const { data: sent } = await customer.api.POST('/api/feedback', { body, headers: { 'x-app-version': '5.1.0' } });
      if (sent === undefined) throw new Error('nothing was sent');
      expect(sent).toMatchObject({ status: 'open', appVersion: '5.1.0', votes: 1 });
      const path = { id: sent.id };
      const { data: seen } = await support.GET('/api/feedback/{id}', { params: { path } });
      expect(seen).toMatchObject({ context: { orderNumber: order.number, orderStatus: 'confirmed' }, priority: 'normal' });
      await support.PUT('/api/feedback/{id}/status', { params: { path }, body: { status: 'resolved', reply: 'It comes today' } });
      const told = await eventually(async () => {
        const { data } = await customer.api.GET('/api/notifications/user/{userId}', MINE);
        const found = data?.items.filter(({ data: { feedbackId } }) => feedbackId === sent.id) ?? [];
        return found.length > 0 && found;
      });
      expect(told.map(({ template, data: { status } }) => [template, status])).toEqual([['feedback_status', 'resolved']]);
    });

    it('has pictures that only its author and the staff open, and that stay while it has them', async () => {
      const shop = open();
      const [customer, stranger] = [await shop.register(), await shop.register()];
      const { api: support } = await shop.admin();
      const form = new FormData();
      form.append('purpose', 'feedback');
      form.append('file', new Blob([new Uint8Array(await aPicture())], { type: 'image/png' }), 'screen.png');
      const headers = { authorization: `Bearer ${customer.token}` };
      const stored = await fetch(`${shop.url}/api/storage/upload`, { method: 'POST', headers, body: form });
      const { id: fileId } = (await stored.json()) as { id: string };
      const body = { category: 'bug' as const, subject: 'See the picture', message: 'It is all white', images: [fileId] };
      const foreign = await stranger.api.POST('/api/feedback', { body });
      expect(foreign.error).toMatchObject({ code: 'feedback.image_unusable', imageIds: [fileId] });
      const { data: sent } = await customer.api.POST('/api/feedback', { body });
      const path = { id: sent?.id ?? '' };
      const { data: seen } = await support.GET('/api/feedback/{id}', { params: { path } });
      for (const one of [sent, seen]) {
        const picture = await fetch(new URL(one?.images[0]?.url ?? '', shop.url));
        expect(picture.headers.get('content-type')).toMatch(/^image\//);
      }
      const removal = () => customer.api.DELETE('/api/storage/{id}', { params: { path: { id: fileId } } });
      expect((await removal()).error).toMatchObject({ code: 'storage.in_use' });
    });

    it('leaves as a CSV file that a browser saves', async () => {
      const shop = open();
      const { api: support } = await shop.admin();
      const { response } = await support.GET('/api/feedback/admin/export', { parseAs: 'stream' });
      expect(response.headers.get('content-type')).toMatch(/^text\/csv/);
      expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="feedback\.csv"/);
      const [head] = (await new Response(response.body).text()).split('\r\n');
      expect(head).toBe(
        'id,createdAt,category,status,priority,assigneeId,userId,subject,message,rating,orderId,productId,appVersion,votes,tags',
      );
    });
  });

  inChromium('feedback in Chromium', open, (browser) => {
    it('is sent on a phone, after what is known already was offered, and answered', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const shop = open();
        const customer = await shop.register();
        const { api: support } = await shop.admin();
        const word = `zipper${Date.now()}`;
        await known(shop, support, `Broken ${word} on dresses`);
        await page.goto(`${shop.url}/demo/feedback`);
        await signIn(page, customer.user.email ?? '', PASSWORD);
        await page.getByRole('heading', { name: 'Nothing yet' }).waitFor();
        await accessible(page);
        await page.getByRole('link', { name: 'Tell us something' }).click();
        await page.getByLabel('What is it?').selectOption('complaint');
        await page.getByLabel('In a few words').fill(`The ${word} is broken`);
        await page
          .getByTestId('similar')
          .getByRole('button', { name: /^Me too/ })
          .click();
        await page.getByText('You count, and hear of it').waitFor();
        await page.getByLabel('What happened').fill('ज़िप पहली बार में टूट गई।');
        await page.getByLabel('Screenshots').setInputFiles({ name: 'screen.png', mimeType: 'image/png', buffer: await aPicture() });
        await page.getByRole('button', { name: 'Remove screen.png' }).waitFor();
        await accessible(page);
        await page.getByTestId('send-feedback').click();
        await page.getByRole('heading', { level: 1, name: `The ${word} is broken` }).waitFor();
        await page.getByText('ज़िप पहली बार में टूट गई।').waitFor();
        const shot = page.getByAltText('Screenshot 1');
        await eventually(() => shot.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0));
        await accessible(page);
        const id = page.url().split('/').at(-1) ?? '';
        await support.PUT('/api/feedback/{id}/status', {
          params: { path: { id } },
          body: { status: 'resolved', reply: 'A new one is on its way' },
        });
        await page.reload();
        await page.getByTestId('replies').getByText('A new one is on its way').waitFor();
        await page.getByLabel('Your reply').fill('It came, and is broken too');
        await page.getByTestId('reply').click();
        await page.getByTestId('status').filter({ hasText: 'In review' }).waitFor();
        expect(await page.getByTestId('replies').getByRole('listitem').count()).toBe(2);
        await page.getByLabel('Tell me what becomes of it').uncheck();
        await eventually(
          async () => (await customer.api.GET('/api/feedback/{id}', { params: { path: { id } } })).data?.subscribed === false,
        );
        await accessible(page);
        await page.getByRole('link', { name: 'Your feedback' }).first().click();
        await page.getByTestId('feedback').getByRole('link').filter({ hasText: 'In review' }).waitFor();
      });
    }, 120_000);

    it('is sent about an order from its page', async () => {
      await onPage(browser(), DESK, async (page) => {
        const shop = open();
        const customer = await shop.register();
        const order = await shop.placed(customer, await shop.stocked(1), 1, { paymentMethod: 'cod' });
        await page.goto(`${shop.url}/demo/orders/${order.id}`);
        await signIn(page, customer.user.email ?? '', PASSWORD);
        await page.getByRole('link', { name: 'Is something wrong? Tell us' }).click();
        await page.getByLabel('In a few words').fill('It is late');
        await page.getByLabel('What happened').fill('It was to come last week');
        await page.getByTestId('send-feedback').click();
        await page.getByRole('heading', { level: 1, name: 'It is late' }).waitFor();
        const id = page.url().split('/').at(-1) ?? '';
        const { data } = await customer.api.GET('/api/feedback/{id}', { params: { path: { id } } });
        expect(data?.orderId).toBe(order.id);
      });
    }, 90_000);

    it('is found in the queue by its address, sorted, noted, answered and changed with others', async () => {
      await onPage(browser(), DESK, async (page) => {
        const shop = open();
        const word = `saree${Date.now()}`;
        const [first, second] = [
          await written(await shop.register(), `Pink ${word}`),
          await written(await shop.register(), `Blue ${word}`),
        ];
        await page.goto(`${shop.url}/demo/staff/feedback?q=${word}`);
        await signInAs(shop, page, 'support');
        const rows = page.getByTestId('queue').getByRole('listitem');
        await rows.nth(1).waitFor();
        await page.getByTestId('total').filter({ hasText: '2 in this list' }).waitFor();
        await accessible(page);
        await rows.filter({ hasText: 'Pink' }).getByRole('link').click();
        await page.getByRole('heading', { level: 1, name: `Pink ${word}` }).waitFor();
        await accessible(page);
        await page.getByRole('button', { name: 'Take it' }).click();
        await page.getByTestId('assignee').filter({ hasText: 'It is yours' }).waitFor();
        await page.getByLabel('Tags').fill('colour, saree');
        await page.getByRole('button', { name: 'Keep' }).click();
        await eventually(async () => (await page.getByLabel('Tags').inputValue()) === 'colour, saree');
        await page.getByLabel('Note', { exact: true }).fill('Ask the dyer');
        await page.getByRole('button', { name: 'Add note' }).click();
        await page.getByRole('region', { name: 'Notes' }).getByText('Ask the dyer').waitFor();
        await page.getByLabel('Reply to the author').fill('We ask the dyer');
        await page.getByLabel('And it becomes').selectOption('in_review');
        await page.getByTestId('answer').click();
        await page.getByTestId('status').filter({ hasText: 'In review' }).waitFor();
        await page.getByLabel('Merge into').fill(`${shop.url}/demo/staff/feedback/${second}`);
        await page.getByRole('button', { name: 'Merge', exact: true }).click();
        await page.getByRole('button', { name: 'Take apart' }).click();
        await page.getByLabel('Merge into').waitFor();
        await page.goto(`${shop.url}/demo/staff/feedback?q=${word}`);
        await page.getByLabel(`Choose Pink ${word}`).check({ force: true });
        await page.getByLabel(`Choose Blue ${word}`).check({ force: true });
        const bulk = page.getByRole('region', { name: 'Change what is chosen' });
        await bulk.getByLabel('Status').selectOption('planned');
        await bulk.getByRole('button', { name: 'Change 2' }).click();
        await rows.filter({ hasText: 'Planned' }).nth(1).waitFor();
        await accessible(page);
        await page.getByRole('navigation', { name: 'By status' }).getByRole('link', { name: 'Open 0' }).click();
        await page.getByRole('heading', { name: 'No feedback fits' }).waitFor();
        expect(new URL(page.url()).searchParams.get('status')).toBe('open');
        const saved = page.waitForEvent('download');
        await page.getByRole('button', { name: 'Export as CSV' }).click();
        expect((await saved).suggestedFilename()).toBe('feedback.csv');
        expect(first).not.toBe(second);
      });
    }, 120_000);

    it('says when it cannot be read, and is read at the next try', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const shop = open();
        const customer = await shop.register();
        let isDown = true;
        await page.route('**/api/feedback/user/**', (route) =>
          isDown ? route.fulfill({ status: 503, headers: { 'retry-after': '1' }, json: {} }) : route.continue(),
        );
        await page.goto(`${shop.url}/demo/feedback`);
        await signIn(page, customer.user.email ?? '', PASSWORD);
        await page.getByText('Something does not work on our side').waitFor();
        await accessible(page);
        isDown = false;
        await page.getByRole('button', { name: 'Try again' }).click();
        await page.getByRole('heading', { name: 'Nothing yet' }).waitFor();
      });
    }, 90_000);
  });
}

const aPicture = (): Promise<Buffer> =>
  sharp({ create: { width: 320, height: 200, channels: 3, background: '#7a1f3d' } })
    .png()
    .toBuffer();

async function written(customer: Customer, subject: string): Promise<string> {
  const { data } = await customer.api.POST('/api/feedback', { body: { category: 'bug', subject, message: 'The colour comes off' } });
  if (data === undefined) throw new Error('nothing was sent');
  return data.id;
}

/** What somebody else has sent, and others may be shown by this title. */
async function known(shop: Shop, support: Customer['api'], publicTitle: string): Promise<void> {
  const id = await written(await shop.register(), 'Something of mine');
  await support.PATCH('/api/feedback/{id}', { params: { path: { id } }, body: { publicTitle } });
}
