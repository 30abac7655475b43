import type { Retention, Term } from '#libs/persistence/retention';

/** Longer than a return window, a dispute and the replay of a dead event together. */
const KEPT: Term = '400 days';
const WHY = 'longer than a return, a dispute or a replayed event may take';

/** How long each table of this service keeps its rows. */
export const retention = {
  coupons: { keptForever: 'discounts are accounted by them, withdrawn ones too' },
  coupon_users: { keptForever: 'how often each customer has used a coupon' },
  customers: { keptForever: 'how many orders each customer has, for first orders; a count by id' },
  holds: {
    keptForever: 'what a redeemed coupon took off is accounted by them',
    but: { ended: { keptFor: KEPT, removedBy: 'src/coupon-retention.repository.ts', why: `released and refused ones: ${WHY}` } },
  },
  hold_uses: { keptUntil: 'their hold goes', why: 'lines of it' },
  heard_orders: { keptFor: KEPT, since: 'heard_at', why: WHY },
  bulk_jobs: { keptFor: KEPT, since: 'created_at', where: 'done = count', why: `finished ones, not their codes: ${WHY}` },
} as const satisfies Retention;
