import { describe, expect, it } from 'vitest';
import { eventually } from '#libs/testing/builders';
import type { Customer, Shop } from './shop.ts';

/** Wishes from outside: what several services do together. */
export function wishesSuite(open: () => Shop): void {
  describe('wishes', () => {
    const defaultOf = async ({ api }: Customer) => {
      const { data } = await api.GET('/api/collections/user/{userId}', { params: { path: { userId: 'me' } } });
      const [list] = data?.items ?? [];
      if (list === undefined) throw new Error('there is no default list');
      return list;
    };
    const added = async (customer: Customer, goods: { productId: string; variantId: string }) => {
      const list = await defaultOf(customer);
      const { productId, variantId } = goods;
      const { data } = await customer.api.POST('/api/collections/{id}/products', {
        params: { path: { id: list.id } },
        body: { productId, variantId },
      });
      if (data === undefined) throw new Error('the wish was not added');
      return { list, item: data };
    };
    const itemsOf = async (customer: Customer, id: string) =>
      (await customer.api.GET('/api/collections/{id}', { params: { path: { id } } })).data?.items ?? [];
    const unitsInCart = async ({ api }: Customer) =>
      (await api.GET('/api/cart/{userId}', { params: { path: { userId: 'me' } } })).data?.items.reduce(
        (sum, { quantity }) => sum + quantity,
        0,
      );

    it('of others are seen only where they are public, and me is nobody without a token', async () => {
      const shop = open();
      const customer = await shop.register();
      const list = await defaultOf(customer);
      const path = { userId: customer.user.id };
      const seen = async () => (await shop.anonymous.GET('/api/collections/user/{userId}', { params: { path } })).data?.items;
      expect(await seen()).toEqual([]);
      await customer.api.PATCH('/api/collections/{id}', { params: { path: { id: list.id } }, body: { privacy: 'public' } });
      expect(await seen()).toMatchObject([{ id: list.id }]);
      const other = await shop.register();
      expect((await other.api.GET('/api/collections/user/{userId}', { params: { path } })).data?.items).toMatchObject([{ id: list.id }]);
      const { response } = await shop.anonymous.GET('/api/collections/user/{userId}', { params: { path: { userId: 'me' } } });
      expect(response.status).toBe(401);
    });

    it('are added with 201 once, and moved to the cart once', async () => {
      const shop = open();
      const customer = await shop.register();
      const goods = await shop.stocked(5);
      const { list, item } = await added(customer, goods);
      const again = await customer.api.POST('/api/collections/{id}/products', {
        params: { path: { id: list.id } },
        body: { productId: goods.productId, variantId: goods.variantId },
      });
      expect(again.response.status).toBe(200);
      const path = { id: list.id, itemId: item.id };
      const answers = await Promise.all(
        Array.from({ length: 5 }, () =>
          customer.api.POST('/api/collections/{id}/products/{itemId}/move-to-cart', { params: { path }, body: { quantity: 2 } }),
        ),
      );
      expect(answers.map(({ response }) => response.status).sort()).toEqual([200, 404, 404, 404, 404]);
      expect(await itemsOf(customer, list.id)).toEqual([]);
      expect(await unitsInCart(customer)).toBe(2);
    });

    it('end in the list or in the cart, never in both, whichever process is killed on the way', async () => {
      const shop = open();
      const customer = await shop.register();
      const wished = [];
      for (let n = 0; n < 6; n += 1) wished.push(await added(customer, await shop.stocked(5)));
      const moves = wished.map(async ({ list, item }, n) => {
        await new Promise((resolve) => setTimeout(resolve, n * 15));
        await customer.api
          .POST('/api/collections/{id}/products/{itemId}/move-to-cart', { params: { path: { id: list.id, itemId: item.id } }, body: {} })
          .catch(() => undefined);
      });
      await new Promise((resolve) => setTimeout(resolve, 40));
      await shop.stack.process('wishlist').kill('SIGKILL');
      await Promise.all(moves);
      const list = wished[0]?.list.id ?? '';
      await eventually(async () => {
        const left = (await itemsOf(customer, list)).length;
        return left + ((await unitsInCart(customer)) ?? 0) === wished.length;
      }, 60_000);
      // What is left was never begun, and goes now.
      for (const { id: itemId } of await itemsOf(customer, list))
        await customer.api.POST('/api/collections/{id}/products/{itemId}/move-to-cart', {
          params: { path: { id: list, itemId } },
          body: {},
        });
      await eventually(async () => (await itemsOf(customer, list)).length === 0 && (await unitsInCart(customer)) === wished.length, 60_000);
    }, 150_000);

    it('that wait are told of stock and prices in the list behind the bell', async () => {
      const shop = open();
      const [customer, admin, goods] = [await shop.register(), await shop.admin(), await shop.stocked(0)];
      const { productId, variantId, price } = goods;
      await customer.api.POST('/api/collections/alerts', { body: { kind: 'back_in_stock', productId, variantId } });
      await customer.api.POST('/api/collections/alerts', { body: { kind: 'price_drop', productId } });
      await shop.setStock(goods, 1);
      await admin.api.PATCH('/api/products/{id}/variants/{variantId}', {
        params: { path: { id: productId, variantId } },
        body: { price: price - 10_000 },
      });
      await eventually(async () => {
        const { data } = await customer.api.GET('/api/collections/alerts', { params: { query: {} } });
        const sent = data?.items.map(({ kind, status, sentCount }) => `${kind} ${status} ${sentCount}`).sort();
        return sent?.join() === 'back_in_stock sent 1,price_drop waiting 1';
      });
      await eventually(async () => {
        const { data } = await customer.api.GET('/api/notifications/user/{userId}', { params: { path: { userId: 'me' }, query: {} } });
        return data?.items.some(({ category, data: about }) => category === 'wishlist' && about?.productId === productId);
      });
    }, 60_000);

    it('of what is withdrawn are unavailable within 2 s', async () => {
      const shop = open();
      const [customer, admin, goods] = [await shop.register(), await shop.admin(), await shop.stocked(1)];
      const { list } = await added(customer, goods);
      await admin.api.DELETE('/api/products/{id}', { params: { path: { id: goods.productId } } });
      await eventually(async () => (await itemsOf(customer, list.id))[0]?.availability === 'unavailable', 2_000);
    });
  });
}
