import type { Retention } from '#libs/persistence/retention';

/** How long each table of this service keeps its rows. Tables in Cassandra expire by themselves, after the terms of `notifications` and `deliveries`. */
export const retention = {
  outgoing: { keptUntil: 'they are filed', why: 'work that waits' },
  notifications: { keptFor: '90 days', until: 'expires_at', why: 'what people look back at' },
  deliveries: { keptFor: '365 days', since: 'created_at', why: 'what became of a message, addresses masked' },
  unread_versions: { keptUntil: 'the account is erased', why: 'one row a user' },
  list_digests: { keptUntil: 'the account is erased', why: 'one row a user and category' },
  chat_tellings: { keptFor: '90 days', since: 'changed_at', why: 'as long as the notification that told of the thread' },
  preferences: { keptUntil: 'the account is erased', why: 'one row a user' },
  devices: { keptFor: '60 days', since: 'last_seen_at', why: 'the app is gone' },
  ended_sessions: { keptFor: '1 day', since: 'ended_at', why: 'a registration may be under way' },
  erased_users: { keptForever: 'they are told nothing more, however late an event comes; ids alone' },
  promotion_counts: { keptFor: '3 days', since: 'day', why: 'limits look at one day' },
  provider_messages: { keptFor: '14 days', since: 'created_at', why: 'receipts come sooner' },
  suppressions: { keptUntil: 'an admin removes them', why: 'they must not get mail again' },
  campaigns: { keptFor: '365 days', removedBy: 'src/campaigns/campaign.repository.ts', why: 'as long as their deliveries' },
  campaign_counts: { keptUntil: 'their campaign goes', why: 'its counts' },
  texts: { keptForever: 'a delivery names the version that was sent; few' },
  link_keys: { keptForever: 'links in mails already sent are checked with them; few' },
} as const satisfies Retention;
