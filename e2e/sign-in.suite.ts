import { randomInt } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { sessionIn } from '#libs/client/client';
import { eventually } from '#libs/testing/builders';
import { codeOfApp } from './authenticator.ts';
import { accessible, DESK, inChromium, onPage, PHONE, signIn, signInAs } from './browser.ts';
import { PASSWORD, type Shop } from './shop.ts';

const NEW_PASSWORD = 'a dozen mangoes before the monsoon';

/** The ways into an account and what guards it, as people meet them. */
export function signInSuite(open: () => Shop): void {
  inChromium('signing in, in Chromium', open, (browser) => {
    it('takes a phone number and the code that it is sent, says when a code is wrong and when another one can be had', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const shop = open();
        const phone = `9${randomInt(100_000_000, 999_999_999)}`;
        await page.goto(`${shop.url}/demo/sign-in?next=/orders`);
        await page.getByRole('button', { name: 'Get a code by SMS instead' }).click();
        await accessible(page);
        await page.getByLabel('Mobile number').fill(`0${phone}`);
        await page.keyboard.press('Enter');
        await page.getByText(`A code is on its way to +91${phone}`).waitFor();
        await page
          .getByTestId('resend-code')
          .filter({ hasText: /^Another code in \d+ s$/ })
          .waitFor();
        expect(await page.getByTestId('resend-code').isDisabled()).toBe(true);
        await accessible(page);
        const code = await codeFor(shop, `+91${phone}`);
        await page.getByLabel('Code from the SMS').fill(code === '000000' ? '000001' : '000000');
        await page.keyboard.press('Enter');
        await page.getByRole('alert').getByText('This code is wrong, or no longer good').waitFor();
        await page.getByLabel('Code from the SMS').fill(`${code.slice(0, 3)} ${code.slice(3)}`);
        await page.getByLabel('Your name').fill('Kavya Iyer');
        await page.keyboard.press('Enter');
        await page.getByText('You have not ordered anything yet').waitFor();
        await page.getByRole('link', { name: 'Account of Kavya Iyer' }).waitFor();
      });
    }, 90_000);

    it('sets a new password by the link of a mail, once, and the one before is good no more', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const shop = open();
        const { user } = await shop.register();
        const email = user.email ?? '';
        await page.goto(`${shop.url}/demo/sign-in`);
        await page.getByRole('link', { name: 'Forgot your password?' }).click();
        await page.getByLabel('E-mail address').fill(email);
        await accessible(page);
        await page.keyboard.press('Enter');
        await page.getByText('the mail is on its way').waitFor();
        let path: string | undefined;
        await eventually(async () => {
          path = (await shop.sentTo(email)).map(({ text }) => /\/reset-password\?token=[\w.-]+/.exec(text)?.[0]).find(Boolean);
          return path !== undefined;
        });
        await page.goto(`${shop.url}${path}`);
        expect(new URL(page.url()).search).toBe('');
        await page.getByLabel('New password').fill('P@ssw0rd#2031!');
        await page.getByText('among the first that are tried').waitFor();
        await accessible(page);
        await page.getByLabel('New password').fill(NEW_PASSWORD);
        await page.getByText('among the first that are tried').waitFor({ state: 'detached' });
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { level: 1, name: 'Your new password is set' }).waitFor();
        await page.getByRole('link', { name: 'Sign in' }).last().click();
        await signIn(page, email, PASSWORD);
        await page.getByText('do not belong together').waitFor();
        await signIn(page, email, NEW_PASSWORD);
        await page.getByRole('link', { name: 'Orders' }).waitFor();
        await page.goto(`${shop.url}${path}`);
        await page.getByLabel('New password').fill(`${NEW_PASSWORD}!`);
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { level: 1, name: 'This link is not good any more' }).waitFor();
      });
    }, 120_000);

    it('changes a password, which signs other devices out, and tries a wrong one once only', async () => {
      await onPage(browser(), DESK, async (page) => {
        const shop = open();
        const customer = await shop.register();
        await page.goto(`${shop.url}/demo/account/security`);
        await signIn(page, customer.user.email ?? '', PASSWORD);
        let tries = 0;
        page.on('request', (request) => {
          if (request.url().endsWith('/api/auth/password/change')) tries += 1;
        });
        await page.getByLabel('Present password').fill('not the present password');
        await page.getByLabel('New password').fill(NEW_PASSWORD);
        await accessible(page);
        await page.getByRole('button', { name: 'Change the password' }).click();
        await page.getByText('This is not your present password').waitFor();
        expect(tries).toBe(1);
        await page.getByLabel('Present password').fill(PASSWORD);
        await page.getByRole('button', { name: 'Change the password' }).click();
        await page.getByText('Your password is changed').waitFor();
        await eventually(async () => (await customer.api.GET('/api/auth/me')).response.status === 401);
      });
    }, 90_000);

    it('shows the devices, and ends one or all of them', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const shop = open();
        const customer = await shop.register();
        await page.goto(`${shop.url}/demo/account/devices`);
        await signIn(page, customer.user.email ?? '', PASSWORD);
        const rows = page.getByTestId('sessions').getByRole('listitem');
        await rows.nth(1).waitFor();
        expect(await rows.count()).toBe(2);
        await rows.filter({ hasText: 'This one' }).filter({ hasText: 'Chrome' }).filter({ hasText: 'Last seen' }).waitFor();
        await accessible(page);
        await rows.getByRole('button', { name: 'Sign out' }).click();
        await rows.getByRole('button', { name: 'Yes, sign it out' }).click();
        await rows.nth(1).waitFor({ state: 'detached' });
        await eventually(async () => (await customer.api.GET('/api/auth/me')).response.status === 401);
        await page.getByTestId('end-all').click();
        await page.getByRole('button', { name: 'Yes, sign out everywhere' }).click();
        await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
      });
    }, 90_000);

    it('asks for the code of an authenticator that was set up by its QR code, and takes a recovery code for a lost phone', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const shop = open();
        const { user } = await shop.register();
        const email = user.email ?? '';
        await page.goto(`${shop.url}/demo/account/security`);
        await signIn(page, email, PASSWORD);
        await page.getByRole('button', { name: 'Set up or turn off' }).click();
        await page.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor();
        await accessible(page);
        const secret = (await page.getByTestId('totp-secret').textContent()) ?? '';
        const codes = await page.getByTestId('recovery-codes').getByRole('listitem').allTextContents();
        expect(new Set(codes).size).toBe(10);
        const [kept] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('button', { name: 'Save them as a file' }).click(),
        ]);
        expect(kept.suggestedFilename()).toBe('only2u-recovery-codes.txt');
        await page.getByLabel('Code of the app').fill(codeOfApp(secret, -5));
        await page.keyboard.press('Enter');
        await page.getByText('This code is wrong').waitFor();
        await page.getByLabel('Code of the app').fill(codeOfApp(secret));
        await page.keyboard.press('Enter');
        await page.getByText('The authenticator is on').waitFor();

        for (const code of [codeOfApp(secret, 1), codes[0] ?? '']) {
          await page.getByRole('button', { name: 'Sign out' }).click();
          await page.goto(`${shop.url}/demo/account/security`);
          await signIn(page, email, PASSWORD);
          await page.getByRole('heading', { level: 1, name: 'One more step' }).waitFor();
          await accessible(page);
          await page.getByLabel('Code of the app').fill(code);
          await page.keyboard.press('Enter');
          await page.getByRole('heading', { level: 1, name: 'Security' }).waitFor();
        }
        await page.getByRole('button', { name: 'Set up or turn off' }).click();
        await page.getByLabel('Code of the app').fill(codes[1] ?? '');
        await page.getByRole('button', { name: 'Turn it off' }).click();
        await page.getByText('The authenticator is off').waitFor();
        const { data } = await shop.anonymous.POST('/api/auth/login', { body: { email, password: PASSWORD } });
        expect(data && sessionIn(data)).toBeDefined();
      });
    }, 120_000);

    it('takes a passkey of the device in the place of a password, until it is removed', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const shop = open();
        const { user } = await shop.register();
        const email = user.email ?? '';
        const url = await withDevice(shop, page);
        await page.goto(`${url}/demo/account/security`);
        await signIn(page, email, PASSWORD);
        await page.getByRole('button', { name: 'Add a passkey of this device' }).click();
        const kept = page.getByTestId('passkeys').getByRole('listitem');
        await kept.filter({ hasText: 'Not used yet' }).waitFor();
        await accessible(page);
        await page.getByRole('button', { name: 'Sign out' }).click();

        await page.goto(`${url}/demo/sign-in?next=/account/security`);
        await page.getByRole('button', { name: 'Use a passkey' }).click();
        await kept.filter({ hasText: 'Last used' }).waitFor();
        await page.getByRole('button', { name: 'Sign out' }).click();

        await page.goto(`${url}/demo/sign-in?next=/account/security`);
        await signIn(page, email, PASSWORD);
        await kept.getByRole('button', { name: 'Remove' }).click();
        await kept.getByRole('button', { name: 'Yes, remove it' }).click();
        await kept.waitFor({ state: 'detached' });
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.goto(`${url}/demo/sign-in`);
        await page.getByRole('button', { name: 'Use a passkey' }).click();
        await page.getByText('This passkey was not accepted').waitFor();
      });
    }, 90_000);

    it('gives a passkey the name that its owner has for it, by keyboard alone', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const shop = open();
        const { user } = await shop.register();
        const url = await withDevice(shop, page);
        await page.goto(`${url}/demo/account/security`);
        await signIn(page, user.email ?? '', PASSWORD);
        await page.getByRole('button', { name: 'Add a passkey of this device' }).click();
        const kept = page.getByTestId('passkeys').getByRole('listitem');
        await kept.getByRole('button', { name: 'Rename' }).focus();
        await page.keyboard.press('Enter');
        await page.getByLabel('Name of this passkey').waitFor();
        await accessible(page);
        await page.keyboard.type('मीरा का फ़ोन');
        await page.keyboard.press('Enter');
        await kept.getByText('मीरा का फ़ोन').waitFor();
        await eventually(() => page.evaluate(() => document.activeElement?.textContent === 'Rename'));
        await page.reload();
        await kept.getByText('मीरा का फ़ोन').waitFor();
        await page.setViewportSize(DESK);
        await accessible(page);
      });
    }, 90_000);

    it('attaches a number to an account by a code, unless it is another account’s', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const shop = open();
        const { user } = await shop.register();
        const phone = `9${randomInt(100_000_000, 999_999_999)}`;
        await page.goto(`${shop.url}/demo/account/security`);
        await signIn(page, user.email ?? '', PASSWORD);
        await page.getByTestId('own-number').getByText('no number yet').waitFor();
        await page.getByRole('button', { name: 'Add a number' }).press('Enter');
        await accessible(page);
        await page.keyboard.type(phone);
        await page.keyboard.press('Enter');
        await page.getByText(`A code is on its way to +91${phone}`).waitFor();
        await accessible(page);
        const code = await codeFor(shop, `+91${phone}`);
        await page.keyboard.type(code === '000000' ? '000001' : '000000');
        await page.keyboard.press('Enter');
        await page.getByRole('alert').getByText('This code is wrong, or no longer good').waitFor();
        await page.getByLabel('Code from the SMS').fill(code);
        await page.keyboard.press('Enter');
        await page.getByText('The number is yours').waitFor();
        await page.getByTestId('own-number').getByText('is confirmed').waitFor();
        await page.setViewportSize(DESK);
        await accessible(page);
        await page.getByRole('button', { name: 'Sign out' }).first().click();

        const other = await shop.register();
        await page.goto(`${shop.url}/demo/account/security`);
        await signIn(page, other.user.email ?? '', PASSWORD);
        await page.getByRole('button', { name: 'Add a number' }).click();
        await page.getByRole('textbox', { name: 'Mobile number' }).fill(phone);
        await page.keyboard.press('Enter');
        const second = await eventually(async () => {
          const codes = (await shop.sentTo(`+91${phone}`)).map(({ text }) => /\b\d{6}\b/.exec(text)?.[0]);
          return codes.length > 1 && codes[0];
        });
        await page.getByLabel('Code from the SMS').fill(second);
        await page.keyboard.press('Enter');
        await page.getByText('Another account uses this number').waitFor();
        await page.getByTestId('own-number').getByText('no number yet').waitFor();
      });
    }, 120_000);

    it('takes a passkey as the second factor of an account with an authenticator', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const shop = open();
        const { user } = await shop.register();
        const email = user.email ?? '';
        const url = await withDevice(shop, page);
        await page.goto(`${url}/demo/account/security`);
        await signIn(page, email, PASSWORD);
        await page.getByRole('button', { name: 'Add a passkey of this device' }).click();
        await page.getByTestId('passkeys').getByText('Not used yet').waitFor();
        await page.getByRole('button', { name: 'Set up or turn off' }).click();
        const secret = (await page.getByTestId('totp-secret').textContent()) ?? '';
        await page.getByLabel('Code of the app').fill(codeOfApp(secret));
        await page.getByRole('button', { name: 'Turn it on' }).click();
        await page.getByText('The authenticator is on').waitFor();
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.goto(`${url}/demo/sign-in?next=/account/security`);
        await signIn(page, email, PASSWORD);
        await page.getByRole('heading', { level: 1, name: 'One more step' }).waitFor();
        await accessible(page);
        await page.getByRole('button', { name: 'Use a passkey' }).click();
        await page.getByTestId('passkeys').getByText('Last used').waitFor();
      });
    }, 90_000);

    it('has staff that need a second factor set one up before anything else, and goes on from there', async () => {
      await onPage(browser(), DESK, async (page) => {
        const shop = open();
        const { user } = await shop.register();
        const { api } = await shop.admin();
        await api.PATCH('/api/auth/users/{id}', { params: { path: { id: user.id } }, body: { roles: ['customer', 'support'] } });
        // As where staff must have one; this shop does not ask for it.
        await page.route('**/api/auth/login', async (route) => {
          const answer = await route.fetch();
          await route.fulfill({ response: answer, json: { ...(await answer.json()), enrolmentRequired: true } });
        });
        await page.goto(`${shop.url}/demo/staff`);
        await signIn(page, user.email ?? '', PASSWORD);
        await page.getByText('signs in with a second factor').waitFor();
        expect(await page.getByTestId('search-orders').count()).toBe(0);
        await page.getByRole('button', { name: 'Set up or turn off' }).click();
        const secret = (await page.getByTestId('totp-secret').textContent()) ?? '';
        await page.getByLabel('Code of the app').fill(codeOfApp(secret));
        await page.getByRole('button', { name: 'Turn it on' }).click();
        await page.getByTestId('search-orders').waitFor();
      });
    }, 90_000);

    it('lets staff into their account too', async () => {
      await onPage(browser(), DESK, async (page) => {
        const shop = open();
        await page.goto(`${shop.url}/demo/staff`);
        await signInAs(shop, page, 'support');
        await page.getByRole('link', { name: /^Account of/ }).click();
        await page.getByRole('heading', { level: 1, name: 'Security' }).waitFor();
        await accessible(page);
      });
    }, 60_000);
  });
}

/** Gives the browser a device that keeps passkeys and knows its owner; answers where the shop has a name, without which there are none. */
async function withDevice(shop: Shop, page: Page): Promise<string> {
  const device = await page.context().newCDPSession(page);
  await device.send('WebAuthn.enable');
  const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true } as const;
  await device.send('WebAuthn.addVirtualAuthenticator', {
    options: { ...options, isUserVerified: true, automaticPresenceSimulation: true },
  });
  return shop.url.replace('127.0.0.1', 'localhost');
}

/** The code of the newest SMS to a number. */
async function codeFor(shop: Shop, phone: string): Promise<string> {
  let code: string | undefined;
  await eventually(async () => {
    code = (await shop.sentTo(phone)).map(({ text }) => /\b\d{6}\b/.exec(text)?.[0]).find(Boolean);
    return code !== undefined;
  });
  return code ?? '';
}
