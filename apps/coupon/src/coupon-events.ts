import { couponApi } from '#libs/contracts/coupon/api';
import type { Transaction } from '#libs/persistence/transaction';
import type { CouponRepository } from './coupon.repository.ts';
import type { CouponRow } from './coupon.ts';

/**
 * Tells users once that a coupon is theirs, in the transaction that names them or switches the coupon on. A promotion that applies by itself
 * and a coupon that is over give nobody a code to use.
 */
export async function tellNewlyNamed(transaction: Transaction, coupons: CouponRepository, coupon: CouponRow): Promise<void> {
  const told = new Set(coupon.told_user_ids);
  const userIds = named(coupon).filter((userId) => !told.has(userId));
  if (userIds.length === 0) return;
  transaction.publish(couponApi.events.issued, {
    ...{ couponId: coupon.id, userIds, code: coupon.code, endsAt: coupon.ends_at.toISOString() },
    cause: 'admin',
  });
  await coupons.noteTold(transaction, coupon.id, userIds);
}

const named = ({ active, automatic, ends_at, user_ids }: CouponRow): readonly string[] =>
  active && !automatic && ends_at.getTime() > Date.now() ? [...new Set(user_ids)] : [];
