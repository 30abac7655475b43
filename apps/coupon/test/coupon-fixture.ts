import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import type { Call, Role } from '#libs/contracts/call';
import { cartApi } from '#libs/contracts/cart/api';
import type { CreateCoupon } from '#libs/contracts/coupon/api';
import type { Basket } from '#libs/contracts/coupon/messages';
import type { Coupon } from '#libs/contracts/coupon/views';
import { productApi } from '#libs/contracts/product/api';
import { aCall, aQuote, aUser, withKey } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { fakePeer, startTestService } from '#libs/testing/test-service';
import { migrations } from '../migrations/coupon.migrations.ts';
import { CouponHandlers } from '../src/coupon.handlers.ts';
import { CouponModule } from '../src/coupon.module.ts';
import { HoldHandlers } from '../src/hold.handlers.ts';

/** Two replicas of the coupon service on a database of the suite's own; cart and product are doubles. */

export const VARIANT = uuidv7();
const PRICE = 100_000;
/** Variants that product knows nothing of. */
export const unknownVariants = new Set<string>();
/** Units of everything else. */
export const stock = { available: 10 };
let scratch: ScratchDatabase;
export let replicas: NestFastifyApplication[] = [];
export let coupons: CouponHandlers;
export let holds: HoldHandlers;

const quote = (variantId: string) => aQuote({ variantId, price: PRICE, available: stock.available });

export async function open(): Promise<void> {
  scratch = await scratchDatabase(migrations);
  replicas = await Promise.all(
    Array.from({ length: 2 }, () =>
      startTestService({
        service: 'coupon',
        module: CouponModule,
        databaseUrl: scratch.url,
        redisUrl: process.env.TEST_REDIS_URL ?? '',
        peers: [
          fakePeer(cartApi, { snapshot: async () => ({ version: 'v', lines: [{ variantId: VARIANT, quantity: 2 }] }) }),
          fakePeer(productApi, {
            quote: async ({ variantIds }) => ({ items: variantIds.filter((id) => !unknownVariants.has(id)).map(quote) }),
          }),
        ],
      }),
    ),
  );
  coupons = (replicas[0] as NestFastifyApplication).get(CouponHandlers);
  holds = (replicas[0] as NestFastifyApplication).get(HoldHandlers);
}

export async function close(): Promise<void> {
  await Promise.all(replicas.map((one) => one.close()));
  await scratch.drop();
}

export const call = (userId?: string, role: Role = 'customer', key?: string): Call => withKey(aCall({ actor: aUser(userId, role) }), key);
export const create = (terms: Partial<CreateCoupon> = {}): Promise<Coupon> =>
  coupons.create(
    {
      kind: 'fixed',
      value: 10_000,
      startsAt: new Date(Date.now() - 60_000).toISOString(),
      endsAt: new Date(Date.now() + 3_600_000).toISOString(),
      ...terms,
    },
    call(undefined, 'admin'),
  );
export const basket = (code: string, userId: string = uuidv7(), quantity = 1): Basket => ({
  userId,
  code,
  lines: [{ variantId: VARIANT, productId: VARIANT, categoryIds: [], brand: 'Aaranya', unitPrice: PRICE, quantity }],
});
export const hold = (
  code: string,
  options: { orderId?: string; userId?: string; discount?: number; freeShipping?: boolean; on?: HoldHandlers } = {},
) =>
  (options.on ?? holds).hold({
    orderId: options.orderId ?? uuidv7(),
    basket: basket(code, options.userId),
    lines: [{ variantId: VARIANT, discount: options.discount ?? 10_000 }],
    freeShipping: options.freeShipping ?? false,
    ttlSeconds: 900,
  });
export const usage = (coupon: Coupon) => coupons.usage({ id: coupon.id, limit: 20 });

export const databaseUrl = (): string => scratch.url;
