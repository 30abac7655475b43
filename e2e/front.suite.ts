import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cloneRoot } from '#libs/runtime/project-root';
import { type Answer, FrontProxy, hasNginx } from '#libs/testing/front-proxy';
import { ADDRESS, PASSWORD, type Shop } from './shop.ts';

/** The shop as customers reach it: through nginx, by TLS and HTTP/2. */
export function frontSuite(open: () => Shop): void {
  describe.skipIf(!hasNginx)('through the front proxy', () => {
    let proxy: FrontProxy;
    beforeAll(async () => {
      proxy = await FrontProxy.start([open().url]);
    });
    afterAll(() => proxy?.stop());

    const json = <T>(answer: Answer, status: number): T => {
      expect([answer.status, answer.body.toString()]).toEqual([status, expect.anything()]);
      return JSON.parse(answer.body.toString()) as T;
    };
    const post = (path: string, body: unknown, token?: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
      proxy.ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
        body: JSON.stringify(body),
      });
    const newToken = async (): Promise<string> => {
      const account = { email: `front-${randomUUID()}@example.com`, password: PASSWORD, name: 'Meera Nair' };
      return json<{ accessToken: string }>(await post('/api/auth/register', account), 201).accessToken;
    };

    it('a customer registers, fills a cart, orders and pays', async () => {
      const shop = open();
      const variant = await shop.stocked(3);
      const token = await newToken();
      json(await post('/api/cart/me/items', { variantId: variant.variantId, quantity: 2 }, token), 201);
      const wanted = { paymentMethod: 'razorpay', shippingAddress: ADDRESS };
      const order = json<{ id: string; total: number }>(await post('/api/orders', wanted, token, { 'idempotency-key': randomUUID() }), 201);
      const payment = json<{ razorpayOrderId: string; amount: number }>(
        await post('/api/payments/create-order', { orderId: order.id }, token),
        201,
      );
      expect(payment.amount).toBe(order.total);
      const { razorpayOrderId } = payment;
      const paid = await shop.razorpay<{ paymentId: string; signature: string }>('POST', '/payments', {
        orderId: razorpayOrderId,
        mode: 'auto',
      });
      const report = { orderId: order.id, razorpayOrderId, razorpayPaymentId: paid.paymentId, razorpaySignature: paid.signature };
      const verified = json<{ order: { status: string; paymentStatus: string } }>(await post('/api/payments/verify', report, token), 200);
      expect(verified.order).toMatchObject({ status: 'confirmed', paymentStatus: 'paid' });
      const own = await proxy.ask(`/api/orders/${order.id}`, { headers: { authorization: `Bearer ${token}` } });
      expect([own.status, own.headers['cache-control'], own.headers['x-cache']]).toEqual([
        200,
        expect.stringContaining('no-store'),
        undefined,
      ]);
      expect((await proxy.ask(`/api/orders/${order.id}`)).status).toBe(401);
    });

    it('the files of the pages come from what nginx keeps, as they were compressed at the build, and no token reaches the gateway with them', async () => {
      const names = readdirSync(join(cloneRoot(), 'apps', 'web', 'dist', 'assets'));
      const name = names.find((file) => names.includes(`${file}.br`) && file.endsWith('.js')) ?? 'none';
      const path = `/demo/assets/${name}`;
      const asked = (encoding: string): Promise<Answer> =>
        proxy.ask(path, { headers: { 'accept-encoding': encoding, authorization: 'Bearer nobody', cookie: 'a=b' } });
      const first = await asked('gzip, deflate, br, zstd');
      const second = await asked('br');
      const plain = await asked('br;q=0');
      expect([first, second, plain].map(({ status, headers }) => [status, headers['x-cache'], headers['content-encoding']])).toEqual([
        [200, 'MISS', 'br'],
        [200, 'HIT', 'br'],
        [200, 'MISS', undefined],
      ]);
      expect(second.headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(second.headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
      expect(brotliDecompressSync(second.body).equals(plain.body)).toBe(true);
      expect((await proxy.ask('/demo/assets/no-such-file.js')).headers['x-cache']).not.toBe('HIT');
    });

    it('the bytes of a private file are asked of the shop every time, and an upload passes up to its limit', async () => {
      const token = await newToken();
      const form = (bytes: Buffer): Buffer =>
        Buffer.concat([
          Buffer.from('--b\r\ncontent-disposition: form-data; name="file"; filename="note.txt"\r\ncontent-type: text/plain\r\n\r\n'),
          bytes,
          Buffer.from('\r\n--b--\r\n'),
        ]);
      const send = (bytes: Buffer): Promise<Answer> =>
        proxy.ask('/api/storage/upload', {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'multipart/form-data; boundary=b' },
          body: form(bytes),
        });
      const bytes = Buffer.from(randomBytes(30_000).toString('hex'));
      const { id } = json<{ id: string }>(await send(bytes), 201);
      const content = (headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
        proxy.ask(`/api/storage/${id}/content`, { headers });
      const mine = { authorization: `Bearer ${token}` };
      for (let turn = 0; turn < 2; turn += 1) {
        const { status, headers, body } = await content(mine);
        expect([status, headers['cache-control'], headers['x-cache'], body.equals(bytes)]).toEqual([
          200,
          'private, no-store',
          undefined,
          true,
        ]);
      }
      expect((await content()).status).toBe(404);
      const part = await content({ ...mine, range: 'bytes=10-19' });
      expect([part.status, part.body.equals(bytes.subarray(10, 20))]).toEqual([206, true]);
      const over = json<{ code: string }>(await send(Buffer.alloc(10 * 1_048_576 + 1, 65)), 413);
      expect(over.code).toBe('payload_too_large');
    });
  });
}
