import { type Cost, costOf, inTurn, median, medianBy, medianTotal } from '../load.ts';
import { type Findings, ms, type Setting } from '../scenario.ts';
import { type Shop, taken } from '../shop.ts';

const CUSTOMERS = 8;
/** Lines a customer puts in before his cart is emptied again. */
const LINES = 20;
/** From the demo data; it applies to any cart. */
const CODE = 'FREESHIP';
const path = { userId: 'me' };

/** Adding to a cart, from the first line to the twentieth; then the same while a coupon code is on the cart. */
export async function addToCart(setting: Setting, shop: Shop): Promise<Findings> {
  const customers = await shop.customers(CUSTOMERS);
  const variants = await shop.variants(LINES);
  const costs: Record<'plain' | 'coupon', Cost[]> = { plain: [], coupon: [] };
  const perSecond: Record<'plain' | 'coupon', number[]> = { plain: [], coupon: [] };
  for (let round = 0; round < (setting.quick ? 4 : 7); round += 1) {
    for (const kind of ['plain', 'coupon'] as const) {
      if (kind === 'coupon')
        for (const { api } of customers) await taken(api.PUT('/api/cart/{userId}/coupon', { params: { path }, body: { code: CODE } }));
      const began = performance.now();
      const cost = await costOf(shop.pids, async () => {
        await inTurn(CUSTOMERS, CUSTOMERS, async (customer) => {
          for (const { variantId } of variants) {
            await taken(customers[customer]!.api.POST('/api/cart/{userId}/items', { params: { path }, body: { variantId, quantity: 1 } }));
          }
        });
        return CUSTOMERS * variants.length;
      });
      const rate = (CUSTOMERS * variants.length * 1_000) / (performance.now() - began);
      for (const { api } of customers) await api.DELETE('/api/cart/{userId}', { params: { path } });
      // The first two warm up.
      if (round > 1) {
        costs[kind].push(cost);
        perSecond[kind].push(rate);
      }
    }
  }
  const names = ['gateway', 'cart', 'product', 'coupon', 'redis', 'postgres'];
  return {
    tables: [
      {
        title: `Add to cart, carts of 1 to ${LINES} lines, ${CUSTOMERS} in flight, CPU a request`,
        columns: ['cart', 'all', ...names, 'requests/s'],
        rows: (['plain', 'coupon'] as const).map((kind) => {
          const by = medianBy(costs[kind]);
          return [
            kind === 'plain' ? 'without a code' : 'with a code',
            ms(medianTotal(costs[kind])),
            ...names.map((name) => ms(by[name] ?? 0)),
            median(perSecond[kind]).toFixed(0),
          ];
        }),
      },
    ],
    goals: [],
    notes: [
      'Each answer is the whole cart, priced anew by the product service; no Idempotency-Key is sent. Requests/s is wall-clock time with the load generator on the same machine.',
    ],
  };
}
