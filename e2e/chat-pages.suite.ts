import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { eventually } from '#libs/testing/builders';
import { accessible, DESK, inChromium, onPage, PHONE, signIn, signInAs } from './browser.ts';
import { type Customer, PASSWORD, type Shop } from './shop.ts';

const LONG_HISTORY = 90;

/** Chats between customers, and between a customer and the staff, as both see them. */
export function chatPagesSuite(open: () => Shop): void {
  inChromium('chats in Chromium', open, (browser) => {
    it('go from an order to the queue, are claimed and answered, with typing, ticks, pictures and what was written offline', async () => {
      await onPage(browser(), PHONE, async (customerPage) => {
        await onPage(browser(), DESK, async (staffPage) => {
          const shop = open();
          const customer = await shop.register();
          const order = await shop.placed(customer, await shop.stocked(3), 1, { paymentMethod: 'cod' });
          await customerPage.goto(`${shop.url}/demo/orders/${order.id}`);
          await signIn(customerPage, customer.user.email ?? '', PASSWORD);
          await customerPage.getByRole('link', { name: 'Ask about this order' }).click();
          await eventually(async () => (await customerPage.getByLabel('What is it about?').inputValue()).includes(order.number));
          await accessible(customerPage);
          await customerPage.getByLabel('Your message').fill('Will it come before Friday?');
          await customerPage.getByTestId('start-chat').click();
          await messages(customerPage).filter({ hasText: 'Will it come before Friday?' }).waitFor();
          await customerPage.getByTestId('order-card').filter({ hasText: order.number }).waitFor();
          await accessible(customerPage);

          await staffPage.goto(`${shop.url}/demo/staff/chat`);
          await signInAs(shop, staffPage, 'support');
          await staffPage.getByTestId('threads').getByRole('link').filter({ hasText: order.number }).click();
          await messages(staffPage).filter({ hasText: 'Will it come before Friday?' }).waitFor();
          await staffPage.getByTestId('watching').waitFor();
          await staffPage.getByTestId('side-order').filter({ hasText: order.number }).waitFor();
          await accessible(staffPage);
          await staffPage.getByTestId('claim').click();
          await customerPage.getByTestId('thread-status').filter({ hasText: 'With us' }).waitFor();
          await tick(customerPage, 'Will it come before Friday?', 'read').waitFor();

          await staffPage.getByLabel('Write a message').pressSequentially('It leaves today');
          await customerPage.getByTestId('typing').filter({ hasText: 'writing' }).waitFor();
          await staffPage.keyboard.press('Enter');
          await messages(customerPage).filter({ hasText: 'It leaves today' }).waitFor();
          await eventually(async () => ((await customerPage.getByTestId('told').textContent()) ?? '').includes('It leaves today'));
          await eventually(async () => (await customerPage.getByTestId('typing').textContent()) === '');
          await tick(staffPage, 'It leaves today', 'read').waitFor();

          await customerPage.getByLabel('Add pictures or documents').setInputFiles(await photo());
          await customerPage.getByRole('button', { name: /^Remove/ }).waitFor();
          await customerPage.getByLabel('Write a message').fill('The label looks like this');
          await customerPage.getByTestId('send-message').click();
          const picture = messages(staffPage).filter({ hasText: 'The label looks like this' }).getByRole('img', { name: 'Picture 1' });
          await picture.waitFor();
          await eventually(() => picture.evaluate((one: HTMLImageElement) => one.naturalWidth > 0));
          await accessible(staffPage);

          await customerPage.route('**/api/chat/messages', (route) => route.abort());
          for (const text of ['While the shop was away', 'And one more']) {
            await customerPage.getByLabel('Write a message').fill(text);
            await customerPage.getByTestId('send-message').click();
            await customerPage.getByTestId('waiting').filter({ hasText: text }).waitFor();
          }
          await accessible(customerPage);
          await customerPage.reload();
          await eventually(async () => (await customerPage.getByTestId('waiting').count()) === 2);
          const thread = customerPage.url();
          // On whatever page the shop is opened next.
          await customerPage.goto(`${shop.url}/demo/`);
          await customerPage.getByTestId('chat-link').waitFor();
          await customerPage.unroute('**/api/chat/messages');
          await messages(staffPage).filter({ hasText: 'And one more' }).waitFor();
          await customerPage.goto(thread);
          await messages(customerPage).filter({ hasText: 'And one more' }).waitFor();
          await eventually(async () => (await customerPage.getByTestId('waiting').count()) === 0);
          const written = await messages(staffPage).locator('.said').allTextContents();
          expect(written.slice(-2)).toEqual(['While the shop was away', 'And one more']);

          await ownMenu(customerPage, 'And one more');
          await customerPage.getByRole('button', { name: 'Edit' }).click();
          await customerPage.getByRole('textbox', { name: 'Edit' }).fill('And one more, mended');
          await customerPage.getByRole('button', { name: 'Save' }).click();
          await messages(staffPage).filter({ hasText: 'And one more, mended' }).filter({ hasText: 'edited' }).waitFor();
          await ownMenu(customerPage, 'While the shop was away');
          await customerPage.getByRole('button', { name: 'Delete' }).click();
          await customerPage.getByRole('button', { name: 'Really delete' }).click();
          await messages(staffPage).filter({ hasText: 'This message was deleted.' }).waitFor();

          await fits(customerPage, PHONE);
          await fits(staffPage, DESK);
          await staffPage.setViewportSize(PHONE);
          await fits(staffPage, PHONE);
          await accessible(staffPage);
          await staffPage.getByRole('button', { name: 'Close', exact: true }).click();
          await staffPage.getByRole('button', { name: 'Close the chat' }).click();
          await customerPage.getByTestId('thread-status').filter({ hasText: 'Settled' }).waitFor();
          await customerPage.getByRole('button', { name: 'Open it again' }).click();
          await staffPage.getByTestId('thread-status').filter({ hasText: 'Waiting' }).waitFor();
        });
      });
    }, 240_000);

    it('between two customers tell who is there, and are read upwards without a jump, in Hindi too', async () => {
      await onPage(browser(), PHONE, async (ashaPage) => {
        await onPage(browser(), PHONE, async (raviPage) => {
          const shop = open();
          const [asha, ravi] = [await shop.register(), await shop.register()];
          await ashaPage.goto(`${shop.url}/demo/chat/with/${ravi.user.id}`);
          await signIn(ashaPage, asha.user.email ?? '', PASSWORD);
          await ashaPage.getByLabel('Write a message').waitFor();
          await ashaPage.getByText('Nothing was written yet.').waitFor();
          await accessible(ashaPage);
          const threadId = new URL(ashaPage.url()).pathname.split('/').at(-1) ?? '';
          for (let count = 1; count <= LONG_HISTORY; count += 1) await wrote(ravi, threadId, `Line ${count}`);
          await messages(ashaPage).filter({ hasText: 'Line 90' }).waitFor();

          await raviPage.goto(`${shop.url}/demo/chat/${threadId}`);
          await signIn(raviPage, ravi.user.email ?? '', PASSWORD);
          await messages(raviPage).filter({ hasText: 'Line 90' }).waitFor();
          await raviPage.getByTestId('presence').filter({ hasText: 'Online' }).waitFor();

          expect(await messages(raviPage).count()).toBeLessThan(LONG_HISTORY);
          const first = messages(raviPage).first();
          const text = (await first.locator('.said').textContent()) ?? '';
          const place = messages(raviPage).filter({ has: raviPage.getByText(text, { exact: true }) });
          const older = Promise.withResolvers<void>();
          await raviPage.route('**/messages?*before=*', async (route) => {
            await older.promise;
            await route.continue();
          });
          const before = await place.evaluate((row) => {
            row.closest('.messages')?.scrollTo({ top: 200 });
            return row.getBoundingClientRect().y;
          });
          const moved = async (): Promise<number> => Math.abs(((await place.boundingBox())?.y ?? 0) - before);
          await raviPage.locator('.chat-loading').waitFor();
          expect(await moved()).toBeLessThan(3);
          older.resolve();
          await eventually(async () => (await messages(raviPage).first().locator('.said').textContent()) !== text);
          await raviPage.locator('.chat-loading').waitFor({ state: 'detached' });
          expect(await moved()).toBeLessThan(3);

          await raviPage.getByRole('link', { name: 'All chats' }).click();
          await raviPage.getByTestId('language').selectOption('hi');
          await raviPage.getByRole('heading', { level: 1, name: 'आपकी चैट' }).waitFor();
          await accessible(raviPage);
          await ashaPage.getByTestId('chat-link').click();
          await ashaPage.getByRole('heading', { level: 1, name: 'Your chats' }).waitFor();
        });
      });
    }, 240_000);

    it('count what is unread in the header, say why they cannot be read, and come at the next try', async () => {
      await onPage(browser(), DESK, async (page) => {
        const shop = open();
        const [asha, ravi] = [await shop.register(), await shop.register()];
        let isDown = true;
        await page.route('**/api/chat/user/**', (route) => (isDown ? route.fulfill({ status: 503, body: '' }) : route.continue()));
        await page.goto(`${shop.url}/demo/chat`);
        await signIn(page, asha.user.email ?? '', PASSWORD);
        const again = page.getByRole('button', { name: 'Try again' });
        await again.waitFor();
        await accessible(page);
        isDown = false;
        await again.click();
        await page.getByRole('heading', { name: 'No chats yet' }).waitFor();
        const { data: thread } = await ravi.api.POST('/api/chat/threads', {
          params: { header: {} },
          body: { kind: 'direct', participantIds: [asha.user.id] },
        });
        await wrote(ravi, thread?.id ?? '', 'Have you seen the new kurtas?');
        await page.getByRole('link', { name: 'Chats, 1 unread' }).waitFor();
        await page.getByTestId('threads').getByRole('link').filter({ hasText: 'Have you seen' }).click();
        await messages(page).filter({ hasText: 'Have you seen the new kurtas?' }).waitFor();
        await page.getByRole('link', { name: 'Chats', exact: true }).waitFor();
        await accessible(page);
      });
    }, 120_000);
  });
}

const messages = (page: Page) => page.getByTestId('message');

const tick = (page: Page, text: string, state: string) => messages(page).filter({ hasText: text }).locator(`[data-tick=${state}]`);

const ownMenu = (page: Page, text: string): Promise<void> => messages(page).filter({ hasText: text }).locator('summary').click();

/** Nothing is wider than the window, and where one writes can be seen. */
async function fits(page: Page, { width, height }: { width: number; height: number }): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  await page.evaluate(() => scrollTo(0, 0));
  const button = await page.getByTestId('send-message').boundingBox();
  expect((button?.y ?? height) + (button?.height ?? 0)).toBeLessThanOrEqual(height);
}

const photo = async () => ({
  ...{ name: 'label.png', mimeType: 'image/png' },
  buffer: await sharp({ create: { width: 320, height: 200, channels: 3, background: '#7a1f3d' } })
    .png()
    .toBuffer(),
});

async function wrote({ api }: Customer, threadId: string, body: string): Promise<void> {
  const { error } = await api.POST('/api/chat/messages', { params: {}, body: { threadId, clientMessageId: randomUUID(), body } });
  if (error !== undefined) throw new Error(`a message was refused: ${JSON.stringify(error)}`);
}
