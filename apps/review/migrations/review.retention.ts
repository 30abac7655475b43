import type { Retention } from '#libs/persistence/retention';

const WITH_THEIR_REVIEW = { keptUntil: 'their review goes', why: 'part of it' } as const;

/** How long each table of this service keeps its rows. */
export const retention = {
  reviews: { keptUntil: 'their author takes them back', why: 'others buy by them; an erased author leaves stars and text' },
  versions: { keptUntil: 'their review goes, or 100 newer ones are there', why: 'part of it' },
  votes: WITH_THEIR_REVIEW,
  reports: WITH_THEIR_REVIEW,
  moderations: WITH_THEIR_REVIEW,
  summaries: { keptForever: 'kept sums, a row for each product' },
  size_fits: { keptForever: 'kept sums, some rows for each product' },
  status_counts: { keptForever: 'kept sums, some rows in all' },
  authors: {
    keptFor: '400 days',
    since: 'active_at',
    why: 'limits look back an hour; of an erased account, longer than a replayed event may take',
  },
  unverified_posts: { keptFor: '2 days', since: 'posted_at', why: 'a hold looks a day back' },
  hidden_marks: { keptFor: '91 days', since: 'hidden_at', why: 'a hold looks 90 days back' },
  purchases: { keptUntil: 'the account is erased', why: 'a review may be written years after the delivery' },
  requests: { keptUntil: 'the buyer was asked', why: 'each order is asked about once' },
} as const satisfies Retention;
