import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { metrics } from '#libs/observability/metrics';
import { LOGGER } from '#libs/runtime/core.module';
import { adminCall, ProductFixture } from './product-fixture.ts';

let fixture: ProductFixture;
beforeAll(async () => {
  fixture = await ProductFixture.start();
});
afterAll(() => fixture?.stop());

/** The samples of these counters, by name and labels. */
async function samples(): Promise<Record<string, number>> {
  const lines = (await metrics.metrics()).split('\n').filter((line) => /^only2u_(stock|reservations_refused|catalogue)/.test(line));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

describe('figures', () => {
  it('exist with 0 before anything happened', async () => {
    expect(Object.keys(await samples())).toEqual(
      expect.arrayContaining([
        'only2u_catalogue_cache_reads_total{outcome="hit"}',
        'only2u_catalogue_cache_reads_total{outcome="ignored"}',
        'only2u_stock_units_total{movement="reserved"}',
        'only2u_stock_units_total{movement="returned"}',
        'only2u_stock_outs_total',
        'only2u_reservations_refused_total',
      ]),
    );
  });

  it('count units reserved, released and sold, variants that sold out, and orders refused', async () => {
    const { variants } = await fixture.product([{ onHand: 3 }]);
    const variantId = variants[0]?.id as string;
    const before = await samples();
    const { reservations } = fixture.replica;
    const [undone, bought] = [uuidv7(), uuidv7()];
    const reserve = (orderId: string, quantity: number) =>
      reservations.reserve({ orderId, lines: [{ variantId, quantity }], ttlSeconds: 60 });
    await reserve(undone, 2);
    await reservations.release({ orderId: undone });
    await reserve(bought, 3);
    await reserve(bought, 3);
    await reserve(uuidv7(), 1);
    await reservations.commit({ orderId: bought });
    await reservations.commit({ orderId: bought });
    const after = await samples();
    const grown = Object.fromEntries(Object.keys(after).map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)]));
    expect(grown).toMatchObject({
      'only2u_stock_units_total{movement="reserved"}': 5,
      'only2u_stock_units_total{movement="released"}': 2,
      'only2u_stock_units_total{movement="sold"}': 3,
      only2u_stock_outs_total: 1,
      only2u_reservations_refused_total: 1,
    });
  });

  it('count reads of the catalogue that the cache answered', async () => {
    const { id } = await fixture.product([{}]);
    const before = await samples();
    for (let read = 0; read < 3; read += 1) await fixture.replica.shop.detail({ id });
    const after = await samples();
    for (const [outcome, count] of Object.entries({ miss: 1, hit: 2 })) {
      const name = `only2u_catalogue_cache_reads_total{outcome="${outcome}"}`;
      expect((after[name] ?? 0) - (before[name] ?? 0)).toBe(count);
    }
  });
});

describe('the log', () => {
  it('has a line for what an admin did, with ids and amounts and no words', async () => {
    const info = vi.spyOn(fixture.replica.app.get(LOGGER), 'info');
    const { admin, stock } = fixture.replica;
    const call = adminCall();
    const by = '01980000-0000-7000-8000-000000000001';
    try {
      const made = await fixture.product([{ price: 50_000, mrp: 60_000 }], { name: 'Secret Kurta', brand: 'Quiet Brand' });
      const ref = { id: made.id, variantId: made.variants[0]?.id as string };
      const about = { productId: made.id, variantId: ref.variantId, by };
      await admin.editVariant({ ...ref, price: 45_000 }, call);
      await stock.setStock({ ...ref, delta: 7, reason: 'Found behind the shelf' }, call);
      await expect(stock.setStock({ ...ref, delta: -8, reason: 'Lost' }, call)).rejects.toThrow();
      await admin.remove({ id: made.id }, call);
      expect(info.mock.calls).toEqual([
        [{ productId: made.id, by }, 'product.created'],
        [{ ...about, from: 50_000, to: 45_000, mrp: 60_000 }, 'product.price_changed'],
        [{ ...about, change: 7, onHand: 7 }, 'stock.counted'],
        [{ productId: made.id, by }, 'product.withdrawn'],
      ]);
    } finally {
      info.mockRestore();
    }
  });
});
