import { hash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayFixture, type GatewayProcess, START_LIMIT_MS } from './gateway-fixture.ts';

const logins = [{ role: 'customer', login: 'asha@only2u.test', password: 'only <for> tests' }];

let fixture: GatewayFixture;
let development: GatewayProcess;
let production: GatewayProcess;
let withPages: GatewayProcess;

beforeAll(async () => {
  fixture = await GatewayFixture.start();
  const strict = { NODE_ENV: 'production', PUBLIC_URL: 'https://only2u.example', DEMO_LOGINS: JSON.stringify(logins) };
  [development, production, withPages] = await Promise.all([
    fixture.gateway({ DEMO_LOGINS: JSON.stringify(logins) }),
    fixture.gateway(strict),
    fixture.gateway({ ...strict, SERVE_DEMO: 'true', SERVE_DOCS: 'true', IMAGE_ORIGINS: 'https://cdn.example' }),
  ]);
}, START_LIMIT_MS);
afterAll(() => fixture.stop());

const ask = (gateway: GatewayProcess, path: string, init: RequestInit = {}) =>
  fetch(`${gateway.url}${path}`, { redirect: 'manual', ...init });
const about = { name: 'Only2U', version: '1.0.0', openapi: '/api/openapi.json', status: '/api/status' };

describe('in development', () => {
  it('the front page leads to shop, admin, docs, inbox and status, and names the demo logins', async () => {
    const answer = await ask(development, '/');
    const page = await answer.text();
    expect(answer.headers.get('content-type')).toContain('text/html');
    for (const address of ['/demo/', '/admin', '/api/docs', '/api/openapi.json', '/dev/inbox', '/api/status']) {
      expect(page).toContain(`href="${address}"`);
      expect((await ask(development, address)).status).toBeLessThan(400);
    }
    expect(page).toContain('asha@only2u.test');
    expect(page).toContain('only &#60;for&#62; tests');
  });

  it('the docs page has a button for each demo login', async () => {
    const scripts = [...(await (await ask(development, '/api/docs')).text()).matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].join();
    expect(scripts).toContain('asha@only2u.test');
    expect(scripts).toContain('only \\u003cfor> tests');
  });

  it('the link of a mail leads to its page, the token where no log sees it', async () => {
    for (const path of ['/verify-email', '/reset-password']) {
      const answer = await ask(development, `${path}?utm_source=mail&token=abc.def_1`);
      expect([answer.status, answer.headers.get('location')]).toEqual([302, `/demo${path}#token=abc.def_1`]);
    }
  });

  it('/admin leads to the staff’s pages', async () => {
    expect((await ask(development, '/admin')).headers.get('location')).toBe('/demo/staff');
  });
});

describe('in production', () => {
  it('pages of docs, demo and sandbox are not there', async () => {
    for (const path of ['/demo', '/demo/', '/demo/assets/x.js', '/api/docs', '/api/docs-yaml', '/dev/inbox', '/admin'])
      expect([path, (await ask(production, path)).status]).toEqual([path, 404]);
    const text = await (await ask(production, '/')).text();
    expect(JSON.parse(text)).toEqual({ ...about, docs: null });
    expect(await (await ask(production, '/api')).json()).toEqual({ ...about, docs: null });
  });

  it('the link of a mail leads to a page that confirms the address when somebody presses its button', async () => {
    const answer = await ask(production, '/verify-email?token=abc');
    const page = await answer.text();
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const script = /<script>([\s\S]*?)<\/script>/.exec(page)?.[1] ?? '';
    expect(answer.headers.get('content-security-policy')).toContain(`script-src 'sha256-${hash('sha256', script, 'base64')}'`);
    const run = new Function('location', 'history', 'document', 'fetch', script) as (...globals: readonly object[]) => void;
    const button: { onclick?: () => Promise<void>; hidden?: boolean } = {};
    const said = { textContent: '' };
    const sent: string[] = [];
    const globals = [
      { search: '?utm_source=mail&token=abc.def_1', pathname: '/verify-email' },
      { replaceState: () => undefined },
      { querySelector: (selector: string) => (selector === 'button' ? button : said) },
    ];
    run(...globals, async (path: string, { body }: { body: string }) => {
      sent.push(path, body);
      return { status: 204 };
    });
    expect(sent).toEqual([]);
    await button.onclick?.();
    expect(sent).toEqual(['/api/auth/email/verify', '{"token":"abc.def_1"}']);
    expect([button.hidden, said.textContent]).toEqual([true, 'Your e-mail address is confirmed. You can close this page.']);
    run(...globals, async () => ({ status: 400, json: async () => ({ code: 'auth.bad_link' }) }));
    await button.onclick?.();
    expect([button.hidden, said.textContent]).toEqual([true, expect.stringContaining('not good any more')]);
    run(...globals, async () => ({ status: 503 }));
    await button.onclick?.();
    expect([button.hidden, said.textContent]).toEqual([false, expect.stringContaining('try again')]);
  });

  it('the link of a mail for a new password leads to a page that takes one, and says what is wrong with it', async () => {
    const answer = await ask(production, '/reset-password?token=abc');
    const page = await answer.text();
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const script = /<script>([\s\S]*?)<\/script>/.exec(page)?.[1] ?? '';
    const run = new Function('location', 'history', 'document', 'fetch', script) as (...globals: readonly object[]) => void;
    const button: { onclick?: () => Promise<void>; hidden?: boolean } = {};
    const said = { textContent: '' };
    const parts: Record<string, object> = { button, input: { value: 'a dozen monsoon mangoes' } };
    const globals = [
      { search: '?token=abc.def_1', pathname: '/reset-password' },
      { replaceState: () => undefined },
      { querySelector: (selector: string) => parts[selector] ?? said },
    ];
    const sent: string[] = [];
    run(...globals, async (path: string, { body }: { body: string }) => {
      sent.push(path, body);
      return { status: 204 };
    });
    await button.onclick?.();
    expect(sent).toEqual(['/api/auth/password/reset', '{"token":"abc.def_1","newPassword":"a dozen monsoon mangoes"}']);
    expect([button.hidden, said.textContent]).toEqual([true, expect.stringContaining('new password is set')]);
    const refusals = [
      [{ code: 'auth.password_breached' }, false, 'among the first'],
      [{ code: 'validation_failed', errors: [{ path: 'newPassword', message: 'must be longer' }] }, false, 'must be longer'],
      [{ code: 'validation_failed', errors: [{ path: 'token', message: 'must be shorter' }] }, true, 'not good any more'],
      [{ code: 'auth.bad_link' }, true, 'not good any more'],
    ] as const;
    for (const [problem, isHidden, words] of refusals) {
      run(...globals, async () => ({ status: 400, json: async () => problem }));
      await button.onclick?.();
      expect([button.hidden, said.textContent]).toEqual([isHidden, expect.stringContaining(words)]);
    }
  });

  it('switched on by name they are, without demo logins, and / leads to the shop', async () => {
    expect((await ask(withPages, '/')).headers.get('location')).toBe('/demo/');
    expect((await ask(withPages, '/demo?ref=ABCDEFGHJ')).headers.get('location')).toBe('/demo/?ref=ABCDEFGHJ');
    const shop = await ask(withPages, '/demo/');
    expect(shop.status).toBe(200);
    expect(shop.headers.get('content-security-policy')).toContain("img-src 'self' data: https://cdn.example");
    expect(await (await ask(withPages, '/api')).json()).toEqual({ ...about, docs: '/api/docs' });
    expect(await (await ask(withPages, '/api/docs')).text()).not.toContain('asha@only2u.test');
  });

  it('the OpenAPI document is at both of its addresses, compressed, and 304 for who has it', async () => {
    const [one, other] = await Promise.all(
      ['/api/openapi.json', '/api/docs-json'].map((path) => ask(production, path, { headers: { 'accept-encoding': 'br' } })),
    );
    expect(one?.headers.get('content-encoding')).toBe('br');
    const etag = one?.headers.get('etag') ?? '';
    expect(await one?.json()).toEqual(await other?.json());
    expect((await ask(production, '/api/openapi.json', { headers: { 'accept-encoding': 'br', 'if-none-match': etag } })).status).toBe(304);
  });

  it('browsers, crawlers and researchers find what they look for', async () => {
    expect((await ask(production, '/favicon.ico')).headers.get('content-type')).toBe('image/svg+xml');
    expect(await (await ask(production, '/robots.txt')).text()).toBe('User-agent: *\nDisallow: /\n');
    expect(await (await ask(withPages, '/robots.txt')).text()).toContain('Disallow: /api/');
    const text = await (await ask(production, '/.well-known/security.txt')).text();
    expect(text).toContain('Contact: mailto:security@only2u.example\n');
    expect(text).toContain('Canonical: https://only2u.example/.well-known/security.txt\n');
    expect(Date.parse(/Expires: (.*)/.exec(text)?.[1] ?? '')).toBeGreaterThan(Date.now());
  });
});

it('a page takes no other method, and says which it takes', async () => {
  for (const path of ['/', '/api', '/api/openapi.json', '/api/docs', '/robots.txt', '/demo/']) {
    const answer = await ask(development, path, { method: 'DELETE' });
    expect([path, answer.status, answer.headers.get('allow')]).toEqual([path, 405, 'GET, HEAD']);
    expect((await ask(development, path, { method: 'HEAD' })).status).toBe(200);
  }
});
