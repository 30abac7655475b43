import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { eventually } from '#libs/testing/builders';
import type { Customer, Shop } from './shop.ts';

/** The catalogue as its staff keep it, from outside: drafts that nobody sees, and files that come and go. */
export function catalogueStaffSuite(open: () => Shop): void {
  const post = async (admin: Customer, path: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${open().url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'text/csv; charset=utf-8', ...headers },
      body,
    });
  const importOf = async (admin: Customer, id: string) => {
    const { data } = await admin.api.GET('/api/products/import/{id}', { params: { path: { id } } });
    return data?.status === 'done' && data;
  };

  describe('the catalogue of its staff', () => {
    it('shows a draft on no public route, and on all of them once it is published', async () => {
      const shop = open();
      const { api } = await shop.admin();
      const goods = await shop.stocked(5);
      const { productId: id } = goods;
      const { data: product } = await shop.anonymous.GET('/api/products/{id}', { params: { path: { id } } });
      const { slug = '', name = '' } = product ?? {};
      const customer = await shop.register();
      await api.PATCH('/api/products/{id}', { params: { path: { id } }, body: { published: false } });
      const seen = async (): Promise<string[]> => {
        const paths = [
          ...[`/api/products/${id}`, `/api/products/${slug}`, `/api/products/${id}/page`, '/api/products?limit=100'],
          ...[`/api/products?brand=Aaranya&limit=100`, `/api/products/search?q=${encodeURIComponent(name)}`, '/api/products/trending'],
          `/api/products/suggest?q=${encodeURIComponent(name)}`,
        ];
        const answers = await Promise.all(paths.map(async (path) => ({ path, text: await (await fetch(`${shop.url}${path}`)).text() })));
        // A problem document repeats no id.
        return answers.filter(({ text }) => text.includes(id)).map(({ path }) => path);
      };
      await eventually(async () => (await seen()).length === 0);
      const bought = await customer.api.POST('/api/cart/{userId}/items', {
        params: { path: { userId: 'me' } },
        body: { variantId: goods.variantId, quantity: 1 },
      });
      expect(bought.response.status).toBeGreaterThanOrEqual(400);
      const refused = await api.PATCH('/api/products/{id}', { params: { path: { id } }, body: { published: true } });
      expect([refused.response.status, refused.error]).toMatchObject([
        409,
        { code: 'product.incomplete', missing: ['countryOfOrigin', 'images'] },
      ]);
      const body = { published: true, countryOfOrigin: 'India', images: [{ url: '/media/x.svg', alt: 'drawn' }] };
      expect((await api.PATCH('/api/products/{id}', { params: { path: { id } }, body })).response.status).toBe(200);
      await eventually(async () => (await seen()).includes(`/api/products/${slug}`));
    });

    it('takes CSV of admins alone, once for each key, and the same file again changes nothing', async () => {
      const shop = open();
      const admin = await shop.admin();
      const customer = await shop.register();
      const { data: tree } = await shop.anonymous.GET('/api/categories');
      const category = tree?.items[0]?.slug ?? '';
      const name = `Imported ${randomUUID().slice(0, 8)}`;
      const row = (size: string, price: string): string => `${name},Aaranya,${category},${size},Red,${price},99900,3`;
      const text = `name,brand,category,size,color,price,mrp,stock\r\n${row('M', '50000')}\r\n${row('L', 'dear')}\r\n${row('S', '50000')}\r\n`;
      expect((await post(customer, '/api/products/import', text)).status).toBe(403);
      expect((await post(admin, '/api/products/import', text, { 'content-type': 'application/json' })).status).toBe(415);
      expect((await post(admin, '/api/products/import?unknown=1', text)).status).toBe(400);
      const key = randomUUID();
      const first = await post(admin, '/api/products/import', text, { 'idempotency-key': key });
      expect(first.status).toBe(202);
      const { id } = (await first.json()) as { id: string };
      const again = await post(admin, '/api/products/import', text, { 'idempotency-key': key });
      expect([again.status, again.headers.get('idempotency-replayed'), await again.json()]).toEqual([202, 'true', { id }]);
      expect((await post(admin, '/api/products/import', `${text} `, { 'idempotency-key': key })).status).toBe(422);
      expect(await eventually(() => importOf(admin, id))).toMatchObject({ rows: 3, done: 3, created: 2, errors: [{ row: 3 }] });
      const { id: second } = (await (await post(admin, '/api/products/import', text)).json()) as { id: string };
      expect(await eventually(() => importOf(admin, second))).toMatchObject({ created: 0, changed: 0, failed: 1 });
      const found = await eventually(async () => {
        const { data } = await shop.anonymous.GET('/api/products', { params: { query: { limit: 100, sort: 'newest' } } });
        const ours = data?.items.filter((product) => product.name === name) ?? [];
        return ours.length > 0 && ours;
      });
      expect(found).toHaveLength(1);
      const file = await fetch(`${shop.url}/api/products/export`, { headers: { authorization: `Bearer ${admin.token}` } });
      expect([file.headers.get('content-type'), file.headers.get('content-disposition')]).toEqual([
        'text/csv; charset=utf-8',
        expect.stringContaining('catalogue.csv'),
      ]);
      expect(await file.text()).toContain(name);
    });
  });
}
