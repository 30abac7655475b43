import type { Retention } from '#libs/persistence/retention';

const BOOKS = 'books: GST wants them 72 months after the annual return (CGST Act s. 36); they stay when their user is erased';

/** How long each table of this service keeps its rows. */
export const retention = {
  orders: {
    keptForever: BOOKS,
    but: {
      refused: {
        ...{ keptFor: '30 days', removedBy: 'src/retention.repository.ts' },
        why: 'with their lines and checkouts: nobody sees them, and a repeat of the request is answered for a day',
      },
    },
  },
  order_items: { keptForever: BOOKS },
  order_search: { keptUntil: 'their order goes', why: 'what staff find an order by' },
  order_returns: { keptForever: BOOKS },
  order_refunds: { keptForever: BOOKS },
  invoices: { keptForever: BOOKS },
  credit_notes: { keptForever: BOOKS },
  document_counters: { keptForever: BOOKS },
  checkouts: {
    ...{ keptFor: '90 days', removedBy: 'src/retention.repository.ts' },
    why: 'those that have ended: money that comes late needs one to revive its order; afterwards it goes back',
  },
  order_captures: {
    keptForever: 'taken ones are books',
    but: {
      rejected: { keptFor: '400 days', since: 'created_at', where: "outcome <> 'taken'", why: 'a payment told twice goes back once' },
    },
  },
} as const satisfies Retention;
