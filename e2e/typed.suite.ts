import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { eventually } from '#libs/testing/builders';
import { DESK, fillAddress, inChromium, onPage, PHONE, signIn, signInAs } from './browser.ts';
import { ADDRESS, type Customer, PASSWORD, type Shop } from './shop.ts';

/** What people type, paste and kept from before, as the pages read it. */
export function typedSuite(open: () => Shop): void {
  inChromium('what is typed in Chromium', open, (browser) => {
    it.each(['919812345678', '+91 98123 45678', '098123-45678', '0919812345678', '(0091) 98123 45678', '98123 45678'])(
      'keep the number that was pasted as %s, whole',
      async (pasted) => {
        await onPage(browser(), PHONE, async (page) => {
          const shop = open();
          const customer = await withCart(shop, page);
          await page.getByLabel('Mobile number').fill(pasted);
          await fillAddress(page, false);
          await page.getByText('+919812345678').waitFor();
          const { data } = await customer.api.GET('/api/auth/addresses');
          expect(data?.items.map(({ phone }) => phone)).toEqual(['+919812345678']);
        });
      },
      60_000,
    );

    it('take no number with a digit too many or too few, and say what a number has', async () => {
      await onPage(browser(), PHONE, async (page) => {
        await withCart(open(), page);
        for (const wrong of ['98123456789', '981234567', '5812345678', '+44 98123 45678']) {
          await page.getByLabel('Mobile number').fill(wrong);
          await page.getByText('has 10 digits and begins with 6 to 9').waitFor();
          expect(await page.getByLabel('Mobile number').inputValue()).toBe(wrong);
          expect(await page.getByLabel('Mobile number').evaluate((input: HTMLInputElement) => input.checkValidity())).toBe(false);
        }
      });
    }, 60_000);

    it('ask for the PIN code first and fill in the state that it lies in', async () => {
      await onPage(browser(), PHONE, async (page) => {
        await withCart(open(), page);
        const state = page.getByLabel('State');
        expect(await state.locator('option').count()).toBe(37);
        await page.getByLabel('PIN code').fill('560 038');
        await state.locator('option').nth(1).waitFor({ state: 'detached' });
        await eventually(async () => (await state.inputValue()) === 'Karnataka');
        await page.getByLabel('PIN code').fill('110001');
        await page.locator('option', { hasText: 'Delhi' }).and(page.locator('option:only-child')).waitFor({ state: 'attached' });
        await eventually(async () => (await state.inputValue()) === 'Delhi');
        await page.getByLabel('PIN code').fill('999999');
        await page.getByText('There is no such PIN code').waitFor();
      });
    }, 60_000);

    it('ask again for a kept address whose state cannot be read, and order nothing to it', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const shop = open();
        const customer = await shop.register();
        const { variantId } = await shop.stocked(1);
        await customer.api.POST('/api/cart/{userId}/items', { params: { path: { userId: 'me' } }, body: { variantId, quantity: 1 } });
        const old = { ...ADDRESS, id: randomUUID(), isDefault: true };
        for (const address of [
          { ...old, state: 'Karnatka' },
          { ...old, pincode: '110001' },
        ]) {
          await page.route('**/api/auth/addresses', (route) => route.fulfill({ json: { items: [address] } }));
          await page.goto(`${shop.url}/demo/checkout`);
          await page.getByRole('heading', { name: /^(Checkout|Sign in)$/ }).waitFor();
          if (await page.getByLabel('Password').isVisible()) await signIn(page, customer.user.email ?? '', PASSWORD);
          const form = page.getByTestId('unreadable-address');
          await form.getByText('We cannot tell where this address is').waitFor();
          expect(await form.getByLabel('City').inputValue()).toBe('Bengaluru');
          expect(await page.getByTestId('place-order').isDisabled()).toBe(true);
          await form.getByLabel('PIN code').fill('560038');
          await page.route(`**/api/auth/addresses/${address.id}`, (route) =>
            route.fulfill({ json: { ...address, ...(route.request().postDataJSON() ?? {}), pincode: '560038', state: 'Karnataka' } }),
          );
          await form.getByRole('button', { name: 'Save and use this address' }).click();
          await form.waitFor({ state: 'detached' });
          await page.getByTestId('place-order').and(page.locator(':enabled')).waitFor();
        }
      });
    }, 60_000);

    it('send no coupon whose limits cannot be read, and read Indian grouping', async () => {
      await onPage(browser(), DESK, async (page) => {
        const shop = open();
        await page.goto(`${shop.url}/demo/staff/coupons`);
        await signInAs(shop, page, 'admin');
        let sent = 0;
        page.on('request', (request) => {
          if (request.method() === 'POST' && request.url().endsWith('/api/coupons')) sent += 1;
        });
        for (const label of ['Budget in ₹', 'At most off in ₹', 'From order value in ₹']) {
          for (const unreadable of [',', '50,00', '1,2']) {
            await page.getByLabel(label).fill(unreadable);
            await page.getByTestId('create-coupon').click();
            await page.getByText('Rupees, such as').waitFor();
          }
          await page.getByLabel(label).fill('');
        }
        expect(sent).toBe(0);
        await page.getByLabel('Budget in ₹').fill('10,00,00,000');
        await page.getByText('₹10,00,00,000', { exact: true }).waitFor();
        const made = page.waitForResponse((response) => response.request().method() === 'POST' && response.url().endsWith('/api/coupons'));
        await page.getByTestId('create-coupon').click();
        expect(await (await made).json()).toMatchObject({ budget: 10_00_00_000_00 });
      });
    }, 90_000);

    it('say while a password is typed that it is among the first that are tried', async () => {
      await onPage(browser(), PHONE, async (page) => {
        await page.goto(`${open().url}/demo/sign-in?new`);
        await page.getByLabel('Password').fill('monsoon');
        await page.getByText('5 more to go').waitFor();
        await page.getByLabel('Password').fill('P@ssw0rd#2031!');
        await page.getByText('among the first that are tried').waitFor();
        await page.getByLabel('Password').fill(PASSWORD);
        await page.getByText('among the first that are tried').waitFor({ state: 'detached' });
      });
    }, 60_000);

    it('have letters for Hindi, of their own where the machine has none', async () => {
      await onPage(browser(), PHONE, async (page) => {
        await page.goto(`${open().url}/demo/sign-in?new`);
        expect(await page.evaluate(() => [...document.fonts].map(({ status }) => status))).toEqual(['unloaded', 'unloaded']);
        await page.getByLabel('Name').fill('आशा राव');
        await page.waitForFunction(() => [...document.fonts].some(({ status }) => status === 'loaded'));
      });
    }, 60_000);
  });
}

/** A new customer at the checkout with one piece in the cart and no address. */
async function withCart(shop: Shop, page: Page): Promise<Customer> {
  const customer = await shop.register();
  const { variantId } = await shop.stocked(1);
  const added = await customer.api.POST('/api/cart/{userId}/items', {
    params: { path: { userId: 'me' } },
    body: { variantId, quantity: 1 },
  });
  if (added.error !== undefined) throw new Error(`nothing in the cart: ${JSON.stringify(added.error)}`);
  await page.goto(`${shop.url}/demo/checkout`);
  await signIn(page, customer.user.email ?? '', PASSWORD);
  await page.getByLabel('Mobile number').waitFor();
  return customer;
}
