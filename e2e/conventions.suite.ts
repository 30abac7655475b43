import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { PASSWORD, type Shop } from './shop.ts';

/** What all routes of the gateway have in common. */
export function conventionsSuite(open: () => Shop): void {
  /** Bytes to the gateway, and all that comes back. */
  const spoken = async (bytes: string): Promise<string> => {
    const { port, hostname } = new URL(open().url);
    const socket = connect(Number(port), hostname);
    socket.write(bytes);
    let answer = '';
    for await (const chunk of socket) answer += chunk;
    return answer;
  };

  describe('the conventions', () => {
    const problem = async (answer: Response): Promise<{ code: string; requestId: string }> =>
      (await answer.json()) as { code: string; requestId: string };

    it('names every answer with a request id, the caller’s own when it is well formed', async () => {
      const mine = await open().send(undefined, 'GET', '/api/products', undefined, { 'x-request-id': 'client-123.abc' });
      expect(mine.headers.get('x-request-id')).toBe('client-123.abc');
      const bad = await open().send(undefined, 'GET', '/api/nowhere', undefined, { 'x-request-id': 'no spaces allowed' });
      expect((await problem(bad)).requestId).toBe(bad.headers.get('x-request-id'));
      expect(bad.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    });

    it('answers an unknown path with 404, a known path with another method with 405 and Allow', async () => {
      expect((await open().send(undefined, 'GET', '/api/nowhere')).status).toBe(404);
      expect((await open().send(undefined, 'GET', '/api/Products')).status).toBe(404);
      const wrong = await open().send(undefined, 'DELETE', '/api/products');
      expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
    });

    it('revalidates a public read by its ETag', async () => {
      const first = await open().send(undefined, 'GET', '/api/products?limit=3');
      const etag = first.headers.get('etag') ?? '';
      expect(first.headers.get('cache-control')).toBe('public, max-age=1');
      const again = await open().send(undefined, 'GET', '/api/products?limit=3', undefined, { 'if-none-match': etag });
      expect([again.status, await again.text()]).toEqual([304, '']);
    });

    it('serves the pictures of the demo goods as files that run nothing', async () => {
      const list = (await (await fetch(`${open().url}/api/products?limit=1`)).json()) as { items: { images: { url: string }[] }[] };
      const picture = await fetch(`${open().url}${list.items[0]?.images[0]?.url}`);
      expect(picture.status).toBe(200);
      expect(picture.headers.get('content-type')).toContain('image/svg+xml');
      expect(picture.headers.get('content-security-policy')).toContain('sandbox');
      expect(await picture.text()).toMatch(/^<svg /);
      const refused = async (name: string): Promise<unknown[]> => {
        const answer = await fetch(`${open().url}/media/catalogue/${name}`);
        return [answer.status, ((await answer.json()) as { code: string }).code];
      };
      expect(await refused('no-such-picture')).toEqual([404, 'not_found']);
      expect(await refused(encodeURIComponent('../../dist/index.html'))).toEqual([400, 'malformed']);
    });

    it('ignores tracking keys and refuses unknown and repeated ones', async () => {
      expect((await open().send(undefined, 'GET', '/api/products?utm_source=mail&gclid=1')).status).toBe(200);
      expect((await open().send(undefined, 'GET', '/api/products?colour=red')).status).toBe(400);
      expect((await open().send(undefined, 'GET', '/api/products?size=M&size=L')).status).toBe(400);
    });

    it('carries the security headers and no trace of what it is made of', async () => {
      const answer = await open().send(undefined, 'GET', '/api/products?limit=1');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(answer.headers.get('strict-transport-security')).toContain('31536000');
      expect(answer.headers.get('x-powered-by')).toBeNull();
    });

    it('keeps personal answers out of caches', async () => {
      const answer = await open().send(await open().register(), 'GET', '/api/auth/me');
      expect(answer.headers.get('cache-control')).toBe('no-store');
    });

    it('refuses what is too large, compressed or not JSON', async () => {
      const customer = await open().register();
      const at = (body: string, headers: Record<string, string> = {}): Promise<number> =>
        open()
          .send(customer, 'POST', '/api/auth/addresses', body, headers)
          .then(({ status }) => status);
      expect(await at(JSON.stringify({ name: 'x'.repeat(110_000) }))).toBe(413);
      expect(await at('{}', { 'content-encoding': 'gzip' })).toBe(415);
      expect(await at('name=x', { 'content-type': 'application/x-www-form-urlencoded' })).toBe(415);
    });

    it('keeps a browser’s refresh token in a cookie that no script reads, and in no body', async () => {
      const { url } = open();
      const asked = async (path: string, body: object, more: Record<string, string> = {}): Promise<Response> =>
        fetch(`${url}/api/auth/${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-token-transport': 'cookie', origin: url, ...more },
          body: JSON.stringify(body),
        });
      const cookieOf = (answer: Response): string => answer.headers.get('set-cookie')?.split(';')[0] ?? '';
      const email = `browser-${Date.now()}@example.com`;
      const registered = await asked('register', { email, password: PASSWORD, name: 'Meera Nair' });
      expect([registered.status, Object.keys(await registered.json()).sort()]).toEqual([201, ['accessToken', 'expiresIn', 'user']]);
      expect(registered.headers.get('set-cookie')).toMatch(/^only2u_refresh=\S+; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/);
      expect((await asked('login', { email, password: PASSWORD }, { origin: 'https://elsewhere.example' })).status).toBe(403);

      // Two tabs at once get the same successor, and nobody is signed out.
      const cookie = cookieOf(registered);
      const tabs = await Promise.all([asked('refresh', {}, { cookie }), asked('refresh', {}, { cookie })]);
      expect(tabs.map(({ status }) => status)).toEqual([200, 200]);
      expect(new Set(tabs.map(cookieOf)).size).toBe(1);
      const [{ accessToken }] = (await Promise.all(tabs.map((tab) => tab.json()))) as [{ accessToken: string }];
      const next = cookieOf(tabs[0] as Response);
      expect(next).not.toBe(cookie);

      const ended = await asked('logout', {}, { cookie: next, authorization: `Bearer ${accessToken}` });
      expect([ended.status, ended.headers.get('set-cookie')]).toEqual([
        204,
        'only2u_refresh=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict',
      ]);
      expect((await asked('refresh', {}, { cookie: next })).status).toBe(401);
      expect((await asked('refresh', {})).status).toBe(401);
    });

    it('refuses two Authorization headers', async () => {
      const { token } = await open().register();
      const answer = await spoken(
        `GET /api/auth/me HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer ${token}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 401/);
    });

    it('answers what is no HTTP with the headers of every answer', async () => {
      const answer = await spoken('NONSENSE / HTTP/1.1\r\nHost: shop\r\n\r\n');
      expect(answer).toMatch(/^HTTP\/1\.1 400/);
      const requestId = /"requestId":"([^"]+)"/.exec(answer)?.[1];
      for (const line of [`x-request-id: ${requestId}`, 'x-content-type-options: nosniff', 'content-type: application/problem+json'])
        expect(answer).toContain(line);
    });

    it('takes ids in capitals for what they are, and an empty version for a stale one', async () => {
      const customer = await open().register();
      const { variantId } = await open().stocked(5);
      const add = (headers: Record<string, string>): Promise<Response> =>
        open().send(
          customer,
          'POST',
          `/api/cart/${customer.user.id.toUpperCase()}/items`,
          { variantId: variantId.toUpperCase(), quantity: 1 },
          headers,
        );
      expect((await add({})).status).toBe(201);
      expect((await add({ 'if-match': '""' })).status).toBe(409);
    });

    it('replays the first answer for a repeated idempotency key, and refuses another body', async () => {
      const customer = await open().register();
      const send = (body: object): Promise<Response> =>
        open().send(customer, 'POST', `/api/cart/me/items`, body, { 'idempotency-key': 'key-one' });
      const variant = await open().stocked(5);
      const first = await send({ variantId: variant.variantId, quantity: 1 });
      const repeat = await send({ variantId: variant.variantId, quantity: 1 });
      expect([first.status, repeat.status, repeat.headers.get('idempotency-replayed')]).toEqual([201, 201, 'true']);
      expect(await repeat.text()).toBe(await first.text());
      expect((await send({ variantId: variant.variantId, quantity: 2 })).status).toBe(422);
    });

    it('takes a client for where it comes from, whatever X-Forwarded-For it invents', async () => {
      const { user, api } = await open().register();
      const forged = await open().send(
        undefined,
        'POST',
        '/api/auth/login',
        { email: user.email, password: PASSWORD },
        { 'x-forwarded-for': '203.0.113.7' },
      );
      expect(forged.status).toBe(200);
      const { data } = await api.GET('/api/auth/sessions');
      expect(data?.items).toHaveLength(2);
      expect(data?.items.map(({ ip }) => ip)).not.toContain('203.0.113.7');
    });
  });
}
