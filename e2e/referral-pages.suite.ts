import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { eventually } from '#libs/testing/builders';
import { accessible, DESK, inChromium, onPage, PHONE, signIn, signInAs } from './browser.ts';
import { type Customer, PASSWORD, type Shop } from './shop.ts';

/** Bringing a friend, from the link to the reward, and what staff decide, as people see them. */
export function referralPagesSuite(open: () => Shop): void {
  inChromium('referrals in Chromium', open, (browser) => {
    it('a link leads to the shop, is remembered until its reader signs up, and shows the friend to the referrer', async () => {
      await onPage(browser(), PHONE, async (page, context) => {
        const shop = open();
        const referrer = await shop.register();
        await page.goto(`${shop.url}/demo/referral`);
        await signIn(page, referrer.user.email ?? '', PASSWORD);
        const link = await page.getByTestId('own-link').inputValue();
        await page.getByText('Nobody has joined by your link yet.').waitFor();
        await page.getByText('A reward comes when').waitFor();
        await page.getByLabel('The code of your friend').waitFor();
        await accessible(page);
        await context.grantPermissions(['clipboard-read', 'clipboard-write']);
        await page.getByRole('button', { name: 'Copy the link' }).focus();
        await page.keyboard.press('Enter');
        await page.getByText('The link is copied.').waitFor();
        expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);

        const theirs = await browser().newContext({ viewport: PHONE });
        const friend = await theirs.newPage();
        await friend.goto(`${shop.url}/demo${new URL(link).search}`);
        await friend.getByText('Meera has invited you.').waitFor();
        expect(new URL(friend.url()).search).toBe('');
        await accessible(friend);
        await friend.reload();
        await friend.getByRole('link', { name: 'Create an account' }).click();
        const code = new URL(link).searchParams.get('ref') ?? '';
        expect(await friend.getByLabel('A friend’s code').inputValue()).toBe(code);
        await accessible(friend);
        await friend.getByLabel('Name').fill('Kavya Menon');
        await signUp(friend, `friend-${randomUUID()}@example.com`);
        await friend.getByRole('link', { name: 'Bring a friend' }).click();
        await joined(friend);
        await accessible(friend);
        await theirs.close();

        await page.reload();
        const row = page.getByTestId('friends').getByRole('listitem').filter({ hasText: 'Kavya' }).first();
        await row.waitFor();
        expect(await row.textContent()).not.toContain('Menon');
        expect(await page.getByTestId('referral-figures').textContent()).toMatch(/Opened your link1.*Joined1.*On their way1/);
        await accessible(page);
      });
    }, 120_000);

    it('a code is entered by hand, and refusals are told in words', async () => {
      await onPage(browser(), DESK, async (page) => {
        const shop = open();
        const referrer = await shop.register();
        const friend = await shop.register();
        const code = await codeOf(referrer);
        const own = await codeOf(friend);
        await page.goto(`${shop.url}/demo/referral`);
        await signIn(page, friend.user.email ?? '', PASSWORD);
        const enter = async (text: string): Promise<void> => {
          await page.getByLabel('The code of your friend').fill(text);
          await page.keyboard.press('Enter');
        };
        await enter('NOBODYHAS');
        await page.getByText('There is nobody with this code.').waitFor();
        await enter(own);
        await page.getByText('This code is your own').waitFor();
        await accessible(page);
        await enter(` ${code.slice(0, 3)}-${code.slice(3).toLowerCase()} `);
        await page.getByTestId('welcome').waitFor();
        await accessible(page);
      });
    }, 120_000);

    it('what cannot be read says so, without a network too, and is read at the next try', async () => {
      await onPage(browser(), PHONE, async (page, context) => {
        const shop = open();
        const customer = await shop.register();
        let isDown = true;
        await page.route('**/api/referrals/**', (route) => (isDown ? route.fulfill({ status: 503, body: '' }) : route.continue()));
        await page.goto(`${shop.url}/demo/referral`);
        await signIn(page, customer.user.email ?? '', PASSWORD);
        const again = page.getByRole('button', { name: 'Try again' });
        await eventually(async () => (await again.count()) === 5);
        await accessible(page);
        isDown = false;
        for (let left = 5; left > 0; left -= 1) {
          await again.first().click();
          await eventually(async () => (await again.count()) < left);
        }
        await page.getByTestId('own-code').waitFor();
        await context.setOffline(true);
        await page.getByLabel('The code of your friend').fill('ABCDEFGHJ');
        await page.getByTestId('redeem').click();
        await page.getByText('The shop cannot be reached.').waitFor();
        await context.setOffline(false);
        await page.getByTestId('redeem').click();
        await page.getByText('There is nobody with this code.').waitFor();
      });
    }, 120_000);

    it('an admin decides what is held, with a note, and sees what referrals bring', async () => {
      await onPage(browser(), DESK, async (page) => {
        const shop = open();
        const referrer = await shop.register();
        const code = await codeOf(referrer);
        // Each invites the next, and the last the first: a ring, which is held.
        const friend = await shop.register();
        await redeemed(friend, code);
        await redeemed(referrer, await codeOf(friend));
        await page.goto(`${shop.url}/demo/staff/referrals`);
        await signInAs(shop, page, 'admin');
        const hold = page.getByTestId('hold').filter({ hasText: referrer.user.id });
        await hold.getByText('The referrer was invited by the friend').waitFor();
        await accessible(page);
        await hold.getByLabel('Your note').fill('They are family, and that is fine.');
        await hold.getByRole('button', { name: 'Let it go on' }).click();
        await page.getByText('The referral goes on.').waitFor();
        await eventually(async () => (await hold.count()) === 0);
        await page.getByRole('link', { name: 'Approved' }).click();
        await hold.getByText('They are family').waitFor();
        await accessible(page);
        await page.getByRole('link', { name: 'Figures' }).click();
        await page.getByRole('table', { name: /^By day/ }).waitFor();
        await accessible(page);
        await page.getByLabel('From').fill('2026-01-01');
        await page.getByLabel('To').fill('2026-01-02');
        await page.getByRole('button', { name: 'Show' }).click();
        await page.getByText('Nothing happened in this time.').waitFor();
      });
    }, 120_000);
  });
}

async function codeOf({ api }: Customer): Promise<string> {
  const { data } = await api.GET('/api/referrals/user/{userId}/generate', { params: { path: { userId: 'me' } } });
  if (data === undefined) throw new Error('there is no code');
  return data.code;
}

async function redeemed({ api }: Customer, code: string): Promise<void> {
  const { error } = await api.POST('/api/referrals/redeem', { params: {}, body: { code } });
  if (error !== undefined) throw new Error(`not redeemed: ${JSON.stringify(error)}`);
}

async function signUp(page: Page, email: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { level: 1, name: 'New this season' }).waitFor();
}

/** The registration's event may be on its way. */
async function joined(page: Page): Promise<void> {
  await eventually(async () => {
    if ((await page.getByTestId('welcome').count()) > 0) return true;
    await page.reload();
    await page.getByTestId('own-code').waitFor();
    return (await page.getByTestId('welcome').count()) > 0;
  });
}
