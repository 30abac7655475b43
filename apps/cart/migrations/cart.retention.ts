import type { Retention } from '#libs/persistence/retention';

/** How long each table of this service keeps its rows. */
export const retention = {
  carts: {
    keptUntil: 'the account is erased, then empty',
    why: 'one row a user; a cart is expected to be there when its owner comes back',
    but: {
      guests: {
        ...{ keptFor: '30 days', removedBy: 'src/abandonment.repository.ts' },
        why: 'since the last write; the token is on one device, and nobody else can ask for it',
      },
    },
  },
  guest_merges: { keptFor: '1 year', since: 'merged_at', why: 'a repeated merge must not add the lines again' },
} as const satisfies Retention;
