import type { Retention } from '#libs/persistence/retention';

/** How long each table of this service keeps its rows. */
export const retention = {
  wishers: {
    ...{ keptUntil: 'their account is erased', why: 'writes of a user take turns at their row' },
    but: { erased: { keptFor: '31 days', since: 'erased_at', why: 'a late event or request brings nothing of an erased user back' } },
  },
  collections: { keptUntil: 'their owner deletes them or is erased', why: 'a wish may be years old' },
  entries: { keptUntil: 'their owner takes them off the list', why: 'a wish may be years old' },
  wish_counts: { keptForever: 'a sum for each product' },
  cart_moves: { keptUntil: 'the cart has answered', why: 'entries on their way to the cart' },
  alerts: {
    ...{
      keptFor: '1 year',
      since: 'done_at',
      where: "status <> 'waiting'",
      why: 'sent and ended ones: people look back at what they were told',
    },
    but: { waiting: { keptUntil: 'they are told, or their owner ends them', why: 'a price drop may come late' } },
  },
} as const satisfies Retention;
