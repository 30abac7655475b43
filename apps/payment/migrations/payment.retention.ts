import type { Retention, Term } from '#libs/persistence/retention';

const BOOKS = 'books: the law wants eight years, and nothing removes them yet';
/** Longer than a dispute, a refund and the replay of a dead event together. */
const KEPT: Term = '400 days';

/** How long each table of this service keeps its rows. */
export const retention = {
  payments: { keptForever: BOOKS },
  refunds: { keptForever: BOOKS },
  disputes: { keptForever: BOOKS },
  settlement_days: { keptForever: 'one row a day' },
  key_refusals: { keptUntil: 'Razorpay accepts the key', why: 'staff hears of it once a day' },
  payment_orders: {
    keptForever: BOOKS,
    but: {
      untried: {
        ...{ keptFor: KEPT, since: 'created_at' },
        where: "state = 'created' AND NOT EXISTS (SELECT FROM payments WHERE payments.order_id = payment_orders.order_id)",
        why: 'nobody tried to pay them; support looks back',
      },
    },
  },
  payment_effects: {
    keptForever: BOOKS,
    but: { failed: { keptFor: KEPT, since: 'created_at', where: "effect = 'failed'", why: 'a failure is told once' } },
  },
  payment_instruments: { keptFor: KEPT, since: 'created_at', why: 'a friend may be known by how they paid; erased users’ go at once' },
  erased_payers: { keptForever: 'ids of users who are gone: nothing of them is kept again' },
  webhook_events: {
    ...{ keptFor: KEPT, since: 'received_at', where: 'processed_at IS NOT NULL', why: 'a replay stays a duplicate' },
    but: {
      bodies: { keptFor: '30 days', removedBy: 'src/payment-retention.repository.ts', why: 'who paid and how is in them' },
    },
  },
} as const satisfies Retention;
