/** What the keyspace `only2u_notification` has, where Cassandra keeps what grows without end. Drawn and reasoned in ADR 17. */

const DAY_SECONDS = 86_400;

/** Rows expire by themselves, and files of one span of time are dropped whole. */
const expiring = (days: number, spanDays: number): string =>
  `compaction = {'class': 'TimeWindowCompactionStrategy', 'compaction_window_unit': 'DAYS', 'compaction_window_size': ${spanDays}}
    AND default_time_to_live = ${days * DAY_SECONDS}`;

/** Each question that the log of deliveries answers. */
export const DELIVERY_LOGS = ['notification', 'order', 'campaign', 'user', 'shop'] as const;

export const keyspace: readonly string[] = [
  // `content` is one cell, so that of two writes one counts whole. `reads` are the moments at which it was read: the first counts.
  `CREATE TABLE IF NOT EXISTS notifications (
    user_id uuid, week int, id uuid, content text, reads set<timestamp>, PRIMARY KEY ((user_id, week), id)
  ) WITH CLUSTERING ORDER BY (id DESC) AND ${expiring(120, 7)}`,
  `CREATE TABLE IF NOT EXISTS weeks (
    user_id uuid, week int, PRIMARY KEY (user_id, week)
  ) WITH CLUSTERING ORDER BY (week DESC) AND ${expiring(150, 7)}`,
  `CREATE TABLE IF NOT EXISTS notifications_of_category (
    user_id uuid, category text, week int, id uuid, PRIMARY KEY ((user_id, category, week), id)
  ) WITH CLUSTERING ORDER BY (id DESC) AND ${expiring(120, 7)}`,
  // Rows go when they are read, at any age, so files of one week would never be dropped whole.
  `CREATE TABLE IF NOT EXISTS unread (
    user_id uuid, category text, id uuid, PRIMARY KEY (user_id, category, id)
  ) WITH CLUSTERING ORDER BY (category ASC, id DESC) AND default_time_to_live = ${120 * DAY_SECONDS}
    AND compaction = {'class': 'LeveledCompactionStrategy'}`,
  ...DELIVERY_LOGS.map(
    (log) => `CREATE TABLE IF NOT EXISTS deliveries_of_${log} (
    subject uuid, bucket int, id uuid, delivery text, PRIMARY KEY ((subject, bucket), id)
  ) WITH CLUSTERING ORDER BY (id DESC) AND ${expiring(366, 30)}`,
  ),
  `CREATE TABLE IF NOT EXISTS delivery_buckets (
    log text, subject uuid, bucket int, PRIMARY KEY ((log, subject), bucket)
  ) WITH CLUSTERING ORDER BY (bucket DESC) AND ${expiring(420, 30)}`,
];
