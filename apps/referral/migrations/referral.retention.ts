import type { Retention } from '#libs/persistence/retention';

const WITH_IT = { keptUntil: 'their referral goes', why: 'parts of it' } as const;

/** How long each table of this service keeps its rows. */
export const retention = {
  members: { keptForever: 'a code is for ever, and nothing of an erased account comes back, however late it arrives; ids alone' },
  programme: { keptForever: 'what the whole programme has spent, one row' },
  visits: { keptUntil: 'the account of the referrer is erased', why: 'a referrer sees how many came by the link, from the first day on' },
  devices: { keptUntil: 'the account is erased', why: 'a second account of a person may come years later' },
  referrals: { keptForever: 'a friend is invited once for life, and the entries of the ledger refer to it' },
  orders: WITH_IT,
  holds: WITH_IT,
  entries: { keptForever: 'a ledger' },
  reward_coupons: { keptForever: 'the other side of the ledger' },
  tasks: { keptUntil: 'they are done', why: 'work that is due' },
} as const satisfies Retention;
