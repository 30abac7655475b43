import { couponApi } from '#libs/contracts/coupon/api';
import type { Transaction } from '#libs/persistence/transaction';
import type { CouponRow } from './coupon.ts';

/**
 * Tells users that a coupon is theirs, in the transaction that names them or switches the coupon on. A promotion that applies by itself and a
 * coupon that is over give nobody a code to use.
 */
export function tellNewlyNamed(transaction: Transaction, before: CouponRow | undefined, after: CouponRow): void {
  const known = new Set(before === undefined ? [] : named(before));
  const userIds = named(after).filter((userId) => !known.has(userId));
  if (userIds.length === 0) return;
  transaction.publish(couponApi.events.issued, {
    ...{ couponId: after.id, userIds, code: after.code, endsAt: after.ends_at.toISOString() },
    cause: 'admin',
  });
}

const named = ({ active, automatic, ends_at, user_ids }: CouponRow): readonly string[] =>
  active && !automatic && ends_at.getTime() > Date.now() ? [...new Set(user_ids)] : [];
