import { columnsOf, httpLoad, inTurn, medianBy, medianLatency, medianRate, medianTotal, type Sample, sampleOf } from '../load.ts';
import { type Goal, ms, type Scenario } from '../scenario.ts';
import { taken } from '../shop.ts';

const CUSTOMERS = { quick: 32, full: 64 };
/** Lines that a customer puts in before their cart is emptied again. */
const LINES = 20;
/** Each line is put in so often. */
const TIMES = 2;
const IN_FLIGHT: readonly number[] = [8, 32];
/** Here the goals are judged. */
const JUDGED = 32;
const LIMIT_MS = 1;
const LEAST_A_SECOND = 1_500;
/** From the demo data; it applies to any cart. */
const CODE = 'FREESHIP';
const PROCESSES = ['gateway', 'cart', 'product', 'coupon', 'redis', 'postgres'];

const plain = (inFlight: number): string => `${inFlight} in flight`;
const WITH_CODE = 'with a code, 8 in flight';
const CASES = [...IN_FLIGHT.map(plain), WITH_CODE];
const QUICK_CASES = [plain(JUDGED)];

/** Adding to a cart, from the first line to the twentieth; then the same while a coupon code is on the cart. */
export const addToCart: Scenario = {
  name: 'cart',
  stages: async (shop, setting) => {
    const count = setting.quick ? CUSTOMERS.quick : CUSTOMERS.full;
    const customers = await shop.customers(count);
    const variants = await shop.variants(LINES);
    const cases = setting.quick ? QUICK_CASES : CASES;
    const times = setting.quick ? 1 : TIMES;
    // A customer comes again only after all others, so no cart is written by two at once.
    const requests = Array.from({ length: LINES * times * count }, (_, index) => ({
      path: '/api/cart/me/items',
      body: JSON.stringify({ variantId: variants[Math.floor(index / count) % LINES]?.variantId, quantity: 1 }),
      headers: { authorization: `Bearer ${customers[index % count]?.token}` },
    }));
    const sample = async (name: string): Promise<Sample> => {
      const path = { userId: 'me' };
      if (name === WITH_CODE)
        for (const { api } of customers) await taken(api.PUT('/api/cart/{userId}/coupon', { params: { path }, body: { code: CODE } }));
      const sampled = await sampleOf(shop.pids, () =>
        httpLoad({
          url: shop.url,
          connections: Number.parseInt(name.replace(/\D*/, ''), 10),
          seconds: 0,
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          requests,
        }),
      );
      await inTurn(count, 8, async (index) => void (await customers[index]?.buyer.ask('DELETE', '/api/cart/me')));
      return sampled;
    };
    return [
      {
        rounds: 5,
        cases,
        warmUp: async () => {
          for (let pass = 0; pass < 3; pass += 1) for (const name of cases) await sample(name);
        },
        sample,
        profile: { processes: ['gateway', 'cart', 'product'], work: () => sample(plain(JUDGED)) },
      },
    ];
  },
  report: (found) => ({
    tables: found.topologies.map((topology) => {
      const processes = columnsOf(found.of(topology, plain(JUDGED)), PROCESSES);
      return {
        title: `Add to cart, carts of 1 to ${LINES} lines, ${topology}: CPU a request`,
        columns: ['', 'all', ...processes.map(({ title }) => title), 'requests/s', 'p50', 'p99'],
        rows: CASES.filter((name) => found.of(topology, name).length > 0).map((name) => {
          const all = found.of(topology, name);
          const by = medianBy(all);
          return [
            name,
            ms(medianTotal(all)),
            ...processes.map(({ name: process }) => ms(by[process] ?? 0)),
            medianRate(all).toFixed(0),
            `${medianLatency(all, 'p50').toFixed(0)} ms`,
            `${medianLatency(all, 'p99').toFixed(0)} ms`,
          ];
        }),
      };
    }),
    goals: found.topologies.flatMap((topology): Goal[] => {
      const all = found.of(topology, plain(JUDGED));
      return [
        { what: `add to cart, ${JUDGED} in flight, ${topology}`, measured: medianTotal(all), limit: LIMIT_MS, unit: 'ms' },
        { what: `adds a second, ${topology}`, measured: medianRate(all), limit: LEAST_A_SECOND, unit: '/s', atLeast: true },
      ];
    }),
    notes: [
      'Each answer is the whole cart with its prices; no Idempotency-Key is sent. Requests/s is by the clock, with the load generator (autocannon) on the same machine.',
    ],
  }),
};
