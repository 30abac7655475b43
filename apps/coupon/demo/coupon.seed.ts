import { v7 as uuidv7 } from 'uuid';
import type { CreateCoupon } from '#libs/contracts/coupon/api';
import type { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { newCoupon } from '../src/coupon-input.ts';

const DAY_MS = 86_400_000;

const DEMO: readonly Omit<CreateCoupon, 'startsAt' | 'endsAt'>[] = [
  { code: 'WELCOME10', kind: 'percent', value: 10, maxDiscount: 50_000, firstOrderOnly: true, public: true },
  { code: 'FREESHIP', kind: 'free_shipping', value: 0, public: true },
  { code: 'FESTIVE500', kind: 'fixed', value: 50_000, minSubtotal: 249_900, public: true },
  {
    code: 'B2G1',
    kind: 'buy_x_get_y',
    value: 0,
    buy: { quantity: 2 },
    get: { quantity: 1, percent: 100 },
    maxDiscount: 150_000,
    public: true,
  },
];

/** The demo shop's coupons, good for a year from the first start; those that are there stay as they are. */
export async function seed(database: Database): Promise<{ summary: string[] }> {
  const now = Date.now();
  const added = await database.transaction(async (transaction) => {
    let count = 0;
    for (const terms of DEMO) {
      const coupon = newCoupon({
        ...terms,
        startsAt: new Date(now - DAY_MS).toISOString(),
        endsAt: new Date(now + 365 * DAY_MS).toISOString(),
      });
      count += await transaction.execute(sql`
        INSERT INTO coupons (id, code, kind, value, rules, starts_at, ends_at, automatic, stackable, public, active)
        VALUES (${uuidv7()}, ${coupon.code}, ${coupon.kind}, ${coupon.value}, ${JSON.stringify(coupon.rules)}::jsonb, ${coupon.starts_at}, ${coupon.ends_at},
          false, false, true, true) ON CONFLICT (code) WHERE withdrawn_at IS NULL DO NOTHING`);
    }
    return count;
  });
  return { summary: [added === 0 ? 'coupons were there' : `${added} coupons added`] };
}
