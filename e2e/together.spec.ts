import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '#libs/testing/builders';
import { faultSuite } from './faults.suite.ts';
import { moneySuite } from './money.suite.ts';
import { purchaseSuite } from './purchase.suite.ts';
import { Shop } from './shop.ts';

/** The whole system in one process, with replicas of two services beside it: what is bought, what it costs, and what a crash may not break. */
let shop: Shop;
const open = (): Shop => shop;

beforeAll(async () => {
  shop = await Shop.open({ together: true });
}, 120_000);
afterAll(() => shop?.close(), 60_000);

purchaseSuite(open);
moneySuite(open, 'together');
faultSuite(open, 'together');

describe('the process of all services', () => {
  it('says of each service how it is, at its own port, and measures all of them at each', async () => {
    for (const service of ['gateway', 'auth', 'order'] as const)
      await eventually(async () => (await fetch(`${shop.stack.probeUrl(service)}/health/ready`)).ok);
    await eventually(async () => {
      const metrics = await (await fetch(`${shop.stack.probeUrl('cart')}/metrics`)).text();
      return ['gateway', 'auth', 'product', 'order', 'payment', 'cart', 'coupon'].every((service) =>
        metrics.includes(`only2u_ready{service="${service}"} 1`),
      );
    });
    await eventually(async () => (await shop.anonymous.GET('/api/status')).data?.status === 'up');
  });

  it('answers what it has begun before it ends', async () => {
    const [customer, variant] = [await shop.register(), await shop.stocked(5_000)];
    const process = shop.stack.process('gateway');
    let running = true;
    const answers: number[] = [];
    const load = Array.from({ length: 6 }, async () => {
      while (running) {
        // Nobody at the port, or the idle connection was just closed: what is reserved below says that such an order was not begun.
        const answer = await shop.order(customer, variant).catch(() => undefined);
        if (answer !== undefined) answers.push(answer.status);
      }
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await process.stop();
    running = false;
    await Promise.all(load);
    await process.start();
    expect(answers.length).toBeGreaterThan(6);
    expect(new Set(answers)).toEqual(new Set([201]));
    expect(await shop.stockOf(variant)).toMatchObject({ onHand: 5_000, reserved: answers.length });
  }, 60_000);
});
