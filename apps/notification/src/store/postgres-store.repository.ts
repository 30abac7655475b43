import { Injectable } from '@nestjs/common';
import { type Category, type Channel, type Locale, UNREAD_COUNTED } from '#libs/contracts/notification/views';
import { Database } from '#libs/persistence/database';
import { sql, when } from '#libs/persistence/sql';
import {
  type Attempt,
  type DeliveryList,
  type DeliveryPage,
  type FeedPage,
  type KeptDelivery,
  type KeptNotification,
  NotificationStore,
} from './notification-store.ts';

interface NotificationRow {
  readonly id: string;
  readonly user_id: string;
  readonly category: Category;
  readonly template: string | null;
  readonly title: string;
  readonly body: string;
  readonly data: Record<string, string>;
  readonly count: number;
  readonly read_at: Date | null;
  readonly created_at: Date;
  readonly expires_at: Date;
}

interface DeliveryRow {
  readonly id: string;
  readonly notification_id: string;
  readonly campaign_id: string | null;
  readonly user_id: string | null;
  readonly order_id: string | null;
  readonly template: string | null;
  readonly version: number | null;
  readonly locale: Locale;
  readonly channel: Channel;
  readonly sent_to: string;
  readonly state: string;
  readonly reason: string | null;
  readonly attempts: readonly Attempt[];
  readonly created_at: Date;
  readonly updated_at: Date;
}

const NOTIFICATION = sql`id, user_id, category, template, title, body, data, count, read_at, created_at, expires_at`;

/** Where no Cassandra is given: both kinds of rows in the service's own database. */
@Injectable()
export class PostgresStore extends NotificationStore {
  constructor(private readonly database: Database) {
    super();
  }

  async add(notifications: readonly KeptNotification[]): Promise<void> {
    // Of each the fullest, for one statement changes a row once.
    const fullest = new Map([...notifications].sort((one, other) => one.count - other.count).map((one) => [one.id, one]));
    const rows = [...fullest.values()].map((one) => ({
      ...{ id: one.id, user_id: one.userId, category: one.category, template: one.template, title: one.title, body: one.body },
      ...{ data: one.data, count: one.count, created_at: one.createdAt, expires_at: one.expiresAt },
    }));
    await this.database.execute(sql`
      INSERT INTO notifications (id, user_id, category, template, title, body, data, count, created_at, expires_at)
      SELECT * FROM json_to_recordset(${JSON.stringify(rows)}::json) AS row (id uuid, user_id uuid, category text, template text,
        title text, body text, data jsonb, count int, created_at timestamptz, expires_at timestamptz)
      ON CONFLICT (user_id, id) DO UPDATE SET template = excluded.template, title = excluded.title, body = excluded.body,
        data = excluded.data, count = excluded.count
      WHERE notifications.count < excluded.count AND notifications.read_at IS NULL`);
  }

  async page({ userId, unread, category, before, limit }: FeedPage): Promise<KeptNotification[]> {
    const rows = await this.database.rows<NotificationRow>(sql`
      SELECT ${NOTIFICATION} FROM notifications
      WHERE user_id = ${userId} AND expires_at > now()
        ${when(before !== undefined, () => sql`AND id < ${before}::uuid`)}
        ${when(unread === true, () => sql`AND read_at IS NULL`)}
        ${when(category !== undefined, () => sql`AND category = ${category}`)}
      ORDER BY user_id DESC, id DESC LIMIT ${limit}`);
    return rows.map(notificationOf);
  }

  async find(userId: string, id: string): Promise<KeptNotification | undefined> {
    const row = await this.database.row<NotificationRow>(
      sql`SELECT ${NOTIFICATION} FROM notifications WHERE user_id = ${userId} AND id = ${id} AND expires_at > now()`,
    );
    return row === undefined ? undefined : notificationOf(row);
  }

  async read(userId: string, id: string, at: Date): Promise<void> {
    await this.database.execute(sql`UPDATE notifications SET read_at = ${at} WHERE user_id = ${userId} AND id = ${id} AND read_at IS NULL`);
  }

  async readAll(userId: string, upTo: string | undefined, at: Date): Promise<void> {
    await this.database.execute(sql`
      UPDATE notifications SET read_at = ${at}
      WHERE user_id = ${userId} AND read_at IS NULL ${when(upTo !== undefined, () => sql`AND id <= ${upTo}::uuid`)}`);
  }

  async remove(userId: string, id: string): Promise<boolean> {
    return (await this.database.execute(sql`DELETE FROM notifications WHERE user_id = ${userId} AND id = ${id}`)) === 1;
  }

  async unread(userIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.database.rows<{ user_id: string; unread: number }>(sql`
      SELECT user_id, (
        SELECT count(*)::int FROM (
          SELECT 1 FROM notifications AS own
          WHERE own.user_id = asked.user_id AND own.read_at IS NULL AND own.expires_at > now() LIMIT ${UNREAD_COUNTED}) AS counted) AS unread
      FROM unnest(${userIds}::uuid[]) AS asked (user_id)`);
    const counts = new Map(rows.map(({ user_id, unread }) => [user_id, unread]));
    return new Map(userIds.map((userId) => [userId, counts.get(userId) ?? 0]));
  }

  async file(deliveries: readonly KeptDelivery[]): Promise<void> {
    const rows = deliveries.map((one) => ({
      ...{ id: one.id, notification_id: one.notificationId, campaign_id: one.campaignId, user_id: one.userId, order_id: one.orderId },
      ...{ template: one.template, version: one.version, locale: one.locale, channel: one.channel, sent_to: one.to, state: one.state },
      ...{ reason: one.reason, attempts: one.attempts, created_at: one.createdAt, updated_at: one.updatedAt },
    }));
    await this.database.execute(sql`
      INSERT INTO deliveries (id, notification_id, campaign_id, user_id, order_id, template, version, locale, channel, sent_to, state, reason,
        attempts, created_at, updated_at)
      SELECT * FROM json_to_recordset(${JSON.stringify(rows)}::json) AS row (id uuid, notification_id uuid, campaign_id uuid, user_id uuid,
        order_id uuid, template text, version int, locale text, channel text, sent_to text, state text, reason text, attempts jsonb,
        created_at timestamptz, updated_at timestamptz)
      ON CONFLICT (id) DO UPDATE SET sent_to = excluded.sent_to, state = excluded.state, reason = excluded.reason,
        attempts = excluded.attempts, updated_at = excluded.updated_at
      WHERE deliveries.updated_at <= excluded.updated_at`);
  }

  async settle({ id, state: known }: KeptDelivery, state: string): Promise<boolean> {
    const settled = await this.database.execute(sql`
      UPDATE deliveries SET state = ${state}, updated_at = greatest(now(), updated_at + interval '1 microsecond')
      WHERE id = ${id} AND state = ${known}`);
    return settled === 1;
  }

  async deliveries({ before, limit, ...of }: DeliveryPage): Promise<DeliveryList> {
    const found = await this.database.rows<DeliveryRow>(sql`
      SELECT id, notification_id, campaign_id, user_id, order_id, template, version, locale, channel, sent_to, state, reason, attempts,
        created_at, updated_at
      FROM deliveries
      WHERE true
        ${when(of.notificationId !== undefined, () => sql`AND notification_id = ${of.notificationId}`)}
        ${when(of.orderId !== undefined, () => sql`AND order_id = ${of.orderId}`)}
        ${when(of.campaignId !== undefined, () => sql`AND campaign_id = ${of.campaignId}`)}
        ${when(of.userId !== undefined, () => sql`AND user_id = ${of.userId}`)}
        ${when(of.template !== undefined, () => sql`AND template = ${of.template}`)}
        ${when(of.channel !== undefined, () => sql`AND channel = ${of.channel}`)}
        ${when(of.state !== undefined, () => sql`AND state = ${of.state}`)}
        ${when(before !== undefined, () => sql`AND id < ${before}::uuid`)}
      ORDER BY id DESC LIMIT ${limit + 1}`);
    const deliveries = found.slice(0, limit).map(deliveryOf);
    return { deliveries, next: found.length > limit ? deliveries.at(-1)?.id : undefined };
  }

  async erase(userId: string): Promise<void> {
    await this.database.execute(sql`DELETE FROM notifications WHERE user_id = ${userId}`);
    // A microsecond newer, so that filing the same delivery again does not bring the address back.
    await this.database.execute(sql`
      UPDATE deliveries SET sent_to = '', updated_at = updated_at + interval '1 microsecond' WHERE user_id = ${userId} AND sent_to <> ''`);
  }
}

const notificationOf = (row: NotificationRow): KeptNotification => ({
  ...{ id: row.id, userId: row.user_id, category: row.category, template: row.template, title: row.title, body: row.body },
  ...{ data: row.data, count: row.count, readAt: row.read_at, createdAt: row.created_at, expiresAt: row.expires_at },
});

const deliveryOf = (row: DeliveryRow): KeptDelivery => ({
  ...{ id: row.id, notificationId: row.notification_id, campaignId: row.campaign_id, userId: row.user_id, orderId: row.order_id },
  ...{ template: row.template, version: row.version, locale: row.locale, channel: row.channel, to: row.sent_to, state: row.state },
  ...{ reason: row.reason, attempts: row.attempts, createdAt: row.created_at, updatedAt: row.updated_at },
});
