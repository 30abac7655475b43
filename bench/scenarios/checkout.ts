import { setTimeout as sleep } from 'node:timers/promises';
import { columnsOf, costOf, inTurn, latenciesOf, median, medianBy, medianLatency, medianRate, medianTotal, type Sample } from '../load.ts';
import { type Found, type Goal, ms, type Scenario, type Setting, type Stage, type Topology } from '../scenario.ts';
import { type Customer, type Shop, taken } from '../shop.ts';

/** A customer's cart is emptied by an event, which their next order must not overtake: so many that each comes again after seconds. */
const CUSTOMERS = 120;
/** V8 still makes a checkout cheaper until about the two thousandth. */
const WARM_UP = { quick: 300, full: 1_500 };
const WARM_UP_IN_FLIGHT = 16;
const IN_FLIGHT: readonly number[] = [1, 8, 32];
const QUICK_IN_FLIGHT: readonly number[] = [1, 8];
/** The goals are judged here; the others are shown. */
const JUDGED = 8;
/** For webhooks and events that follow the last order. */
const SETTLE_MS = 1_000;
const CONFIRMED_WITHIN_MS = 15_000;
const LIMITS: Readonly<Record<Topology, { cost: number; rate: number; alone: number }>> = {
  separate: { cost: 15, rate: 80, alone: 45 },
  together: { cost: 10, rate: 110, alone: 25 },
};

const caseOf = (inFlight: number): string => `${inFlight} in flight`;
const REST = 'the shop at rest, a second';

/** From the cart to the paid order, as a signed-in customer's browser does it. */
export const checkout: Scenario = {
  name: 'checkout',
  stages: async (shop, setting) => [await stageOf(shop, setting, setting.quick ? QUICK_IN_FLIGHT : IN_FLIGHT)],
  report: (found) => ({
    tables: found.topologies.map((topology) => tableOf(found, topology, IN_FLIGHT)),
    goals: found.topologies.flatMap((topology) => goalsOf(found, topology)),
    notes: [
      `Four requests to the gateway (add to cart, order with an Idempotency-Key, create-order, verify) and the payment at the simulator between the last two; then the webhooks that the simulator sends, the outbox and all events that follow: each round ends ${SETTLE_MS / 1_000} s after its last order, and orders/s counts until the last verify. Sign-in is not in it. p50 and p99 are the time by the clock of a whole checkout. All processes of the shop are counted, idle ones too: “without idle” leaves out what the shop takes at rest, and the goal does not.`,
      `All orders were confirmed; in a round ${median(lateOf(found)).toFixed(0)} of them only after verify had answered.`,
    ],
  }),
};

/** The same with a Postgres that waits for the disk at each commit. */
export const durableCheckout: Scenario = {
  name: 'checkout-fsync',
  shop: { durable: true },
  stages: async (shop, setting) => [await stageOf(shop, setting, [JUDGED])],
  report: (found) => ({
    tables: found.topologies.map((topology) => tableOf(found, topology, [JUDGED])),
    goals: [],
    notes: ['fsync and full_page_writes are on here. Everywhere else in this report they are off.'],
  }),
};

async function stageOf(shop: Shop, setting: Setting, inFlights: readonly number[]): Promise<Stage> {
  const customers = await shop.customers(CUSTOMERS);
  const variants = await shop.variants(48);
  const early: { customer: Customer; id: string }[] = [];
  const run = async (count: number, inFlight: number): Promise<number[]> => {
    const took: number[] = [];
    await inTurn(count, inFlight, async (index) => {
      const customer = customers[index % customers.length]!;
      const began = performance.now();
      const { orderId, isConfirmed } = await shop.buy(customer, variants[index % variants.length]!);
      took.push(performance.now() - began);
      if (!isConfirmed) early.push({ customer, id: orderId });
    });
    return took;
  };
  const allConfirmed = async (): Promise<number> => {
    const late = early.splice(0);
    for (const { customer, id } of late) await confirmed(customer, id);
    return late.length;
  };
  const sample = async (count: number, inFlight: number): Promise<Sample> => {
    let seconds = 0;
    let took: number[] = [];
    const cost = await costOf(shop.pids, async () => {
      const began = performance.now();
      took = await run(count, inFlight);
      seconds = (performance.now() - began) / 1_000;
      await sleep(SETTLE_MS);
      return count;
    });
    return { ...cost, seconds, latencies: latenciesOf(took), counts: { late: await allConfirmed() } };
  };
  return {
    rounds: 3,
    cases: [...inFlights.map(caseOf), REST],
    warmUp: async () => {
      await run(setting.quick ? WARM_UP.quick : WARM_UP.full, WARM_UP_IN_FLIGHT);
      await sleep(SETTLE_MS);
      await allConfirmed();
    },
    sample: (name) => {
      const inFlight = inFlights.find((one) => caseOf(one) === name);
      if (inFlight === undefined) return rest(shop);
      const many = setting.quick ? CUSTOMERS : CUSTOMERS * 2;
      return sample(inFlight === 1 ? CUSTOMERS / 3 : many, inFlight);
    },
    profile: {
      processes: ['gateway', 'order', 'cart', 'product', 'payment'],
      work: () => run(CUSTOMERS, JUDGED),
    },
  };
}

/** What the shop takes in a second without requests: here a second is the request. */
async function rest(shop: Shop): Promise<Sample> {
  const SECONDS = 2;
  return costOf(shop.pids, async () => {
    await sleep(SECONDS * 1_000);
    return SECONDS;
  });
}

function tableOf(found: Found, topology: Topology, inFlights: readonly number[]): ReturnType<Scenario['report']>['tables'][number] {
  const idle = medianTotal(found.of(topology, REST));
  const processes = columnsOf(found.of(topology, caseOf(JUDGED)));
  return {
    title: `A whole checkout, ${topology}: CPU each, by orders in flight`,
    columns: ['in flight', 'all', 'without idle', ...processes.map(({ title }) => title), 'orders/s', 'p50', 'p99'],
    rows: inFlights
      .filter((inFlight) => found.of(topology, caseOf(inFlight)).length > 0)
      .map((inFlight) => {
        const all = found.of(topology, caseOf(inFlight));
        const by = medianBy(all);
        return [
          String(inFlight),
          ms(medianTotal(all)),
          ms(median(all.map(({ total, seconds, requests }) => total - (idle * (seconds + SETTLE_MS / 1_000)) / requests))),
          ...processes.map(({ name }) => ms(by[name] ?? 0)),
          medianRate(all).toFixed(0),
          `${medianLatency(all, 'p50').toFixed(0)} ms`,
          `${medianLatency(all, 'p99').toFixed(0)} ms`,
        ];
      }),
  };
}

function goalsOf(found: Found, topology: Topology): Goal[] {
  const judged = found.of(topology, caseOf(JUDGED));
  const { cost, rate, alone } = LIMITS[topology];
  const rates = IN_FLIGHT.map((inFlight) => found.of(topology, caseOf(inFlight)))
    .filter((all) => all.length > 0)
    .map(medianRate);
  return [
    { what: `a whole checkout, ${JUDGED} in flight, ${topology}`, measured: medianTotal(judged), limit: cost, unit: 'ms' },
    { what: `checkouts a second, ${topology}`, measured: Math.max(...rates), limit: rate, unit: '/s', atLeast: true },
    {
      what: `a buyer alone waits for their whole checkout, ${topology}`,
      measured: medianLatency(found.of(topology, caseOf(1)), 'p50'),
      limit: alone,
      unit: 'ms',
    },
  ];
}

const lateOf = (found: Found): number[] =>
  found.topologies.flatMap((topology) =>
    IN_FLIGHT.flatMap((inFlight) => found.of(topology, caseOf(inFlight)).map(({ counts }) => counts?.late ?? 0)),
  );

/** @throws Error when a paid order stays unconfirmed. */
async function confirmed({ api }: Customer, id: string): Promise<void> {
  const until = Date.now() + CONFIRMED_WITHIN_MS;
  for (;;) {
    const { status } = await taken(api.GET('/api/orders/{id}', { params: { path: { id } } }));
    if (status === 'confirmed') return;
    if (Date.now() > until) throw new Error(`a paid order is ${status} after ${CONFIRMED_WITHIN_MS / 1_000} s`);
    await sleep(100);
  }
}
