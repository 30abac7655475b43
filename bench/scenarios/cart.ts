import { type Cost, costOf, inTurn, medianBy, medianTotal } from '../load.ts';
import { type Findings, ms, type Setting } from '../scenario.ts';
import { type Shop, taken } from '../shop.ts';

const CUSTOMERS = 8;
/** Lines a customer puts in before his cart is emptied again. */
const LINES = 20;

/** Adding to a cart, from the first line to the twentieth. */
export async function addToCart(setting: Setting, shop: Shop): Promise<Findings> {
  const customers = await shop.customers(CUSTOMERS);
  const variants = await shop.variants(LINES);
  const costs: Cost[] = [];
  for (let round = 0; round < (setting.quick ? 4 : 7); round += 1) {
    const cost = await costOf(shop.pids, async () => {
      await inTurn(CUSTOMERS, CUSTOMERS, async (customer) => {
        for (const { variantId } of variants) {
          const body = { variantId, quantity: 1 };
          await taken(customers[customer]!.api.POST('/api/cart/{userId}/items', { params: { path: { userId: 'me' } }, body }));
        }
      });
      return CUSTOMERS * variants.length;
    });
    for (const { api } of customers) await api.DELETE('/api/cart/{userId}', { params: { path: { userId: 'me' } } });
    // The first two warm up.
    if (round > 1) costs.push(cost);
  }
  const by = medianBy(costs);
  const names = ['gateway', 'cart', 'product', 'redis', 'postgres'];
  return {
    tables: [
      {
        title: `Add to cart, carts of 1 to ${LINES} lines, ${CUSTOMERS} in flight, CPU a request`,
        columns: ['all', ...names],
        rows: [[ms(medianTotal(costs)), ...names.map((name) => ms(by[name] ?? 0))]],
      },
    ],
    goals: [],
    notes: ['Each answer is the whole cart, priced anew by the product service; no Idempotency-Key is sent.'],
  };
}
