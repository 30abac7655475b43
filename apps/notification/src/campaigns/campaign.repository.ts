import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Segment } from '#libs/contracts/notification/api';
import type { CampaignStatus, Category, Channel } from '#libs/contracts/notification/views';
import { claim, fromNow } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { retention } from '../../migrations/notification.retention.ts';

export interface CampaignRow {
  readonly id: string;
  readonly category: Category;
  readonly title: string;
  readonly body: string;
  readonly data: Readonly<Record<string, string>>;
  readonly channels: readonly Channel[];
  /** Null for a segment's. */
  readonly user_ids: readonly string[] | null;
  readonly segment: Segment | null;
  readonly status: CampaignStatus;
  readonly send_at: Date;
  /** The last user who has their messages; the others come after, in the order of ids. */
  readonly after_user: string | null;
  readonly is_expanded: boolean;
  readonly recipients: number;
  readonly created_by: string;
  readonly created_at: Date;
  readonly finished_at: Date | null;
}

export interface StateCount {
  readonly state: string;
  readonly reason: string;
  readonly messages: number;
}

export type NewCampaign = Pick<
  CampaignRow,
  'id' | 'category' | 'title' | 'body' | 'data' | 'channels' | 'user_ids' | 'segment' | 'send_at' | 'recipients' | 'created_by'
>;

const COLUMNS = sql`id, category, title, body, data, channels, user_ids, segment, status, send_at, after_user, is_expanded, recipients,
  created_by, created_at, finished_at`;
/** After that nothing of a cancelled campaign can be on its way. */
const CANCELLED_FOR = '7 days';
/** Longer than a batch may take; a campaign whose worker died is taken up by another after that. */
const LEASE_SECONDS = 10;
const SKIPPED_AT_ONCE = 1_000;

@Injectable()
export class CampaignRepository {
  constructor(private readonly database: Database) {}

  async create(transaction: Transaction, one: NewCampaign): Promise<void> {
    await transaction.execute(sql`
      INSERT INTO campaigns (id, category, title, body, data, channels, user_ids, segment, status, send_at, due_at, recipients, created_by)
      VALUES (${one.id}, ${one.category}, ${one.title}, ${one.body}, ${JSON.stringify(one.data)}::jsonb, ${one.channels}::text[],
        ${one.user_ids}::uuid[], ${one.segment === null ? null : JSON.stringify(one.segment)}::jsonb,
        CASE WHEN ${one.send_at}::timestamptz > now() THEN 'scheduled' ELSE 'running' END, ${one.send_at}, ${one.send_at}, ${one.recipients},
        ${one.created_by})`);
  }

  find(id: string): Promise<CampaignRow | undefined> {
    return this.database.row<CampaignRow>(sql`SELECT ${COLUMNS} FROM campaigns WHERE id = ${id}`);
  }

  page(before: string | undefined, limit: number): Promise<CampaignRow[]> {
    return this.database.rows<CampaignRow>(sql`
      SELECT ${COLUMNS} FROM campaigns ${when(before !== undefined, () => sql`WHERE id < ${before}::uuid`)} ORDER BY id DESC LIMIT ${limit}`);
  }

  /** Messages by state: those on their way and those that are filed, at one moment. */
  counts(id: string): Promise<StateCount[]> {
    return this.database.rows<StateCount>(sql`
      SELECT state, reason, sum(messages)::int AS messages FROM (
        SELECT state, coalesce(reason, '') AS reason, count(*)::int AS messages FROM outgoing WHERE campaign_id = ${id} GROUP BY 1, 2
        UNION ALL SELECT state, reason, messages FROM campaign_counts WHERE campaign_id = ${id}) AS counted
      GROUP BY state, reason`);
  }

  /** A receipt for a message that is filed. */
  async moveCount(id: string, from: string, to: string): Promise<void> {
    await this.database.execute(sql`
      WITH taken AS (
        UPDATE campaign_counts SET messages = messages - 1 WHERE campaign_id = ${id} AND state = ${from} AND reason = '' RETURNING campaign_id)
      INSERT INTO campaign_counts (campaign_id, state, messages) SELECT campaign_id, ${to}::text, 1 FROM taken
      ON CONFLICT (campaign_id, state, reason) DO UPDATE SET messages = campaign_counts.messages + 1`);
  }

  /** Whether any is to be sent, is being sent, or may have messages left to skip. */
  async hasWork(): Promise<boolean> {
    const row = await this.database.row(sql`
      SELECT 1 FROM campaigns
      WHERE status = 'running' OR status = 'scheduled' AND due_at <= now()
        OR status = 'cancelled' AND finished_at > now() - ${CANCELLED_FOR}::interval
      LIMIT 1`);
    return row !== undefined;
  }

  /** One whose time has come and that is not expanded yet. */
  claim(): Promise<CampaignRow | undefined> {
    return this.database.row<CampaignRow>(
      claim({
        table: sql`campaigns`,
        key: sql`id`,
        due: sql`due_at`,
        where: sql`status IN ('scheduled', 'running') AND NOT is_expanded`,
        limit: 1,
        leaseSeconds: LEASE_SECONDS,
        set: sql`status = 'running'`,
        returning: COLUMNS,
      }),
    );
  }

  /**
   * The messages of the next users, with the place where it goes on, in one transaction: a crash neither loses nor doubles any. Undefined when
   * another worker was faster, or the campaign was cancelled.
   */
  async expand(
    campaign: CampaignRow,
    batch: { userIds: readonly string[]; after: string | null; isLast: boolean },
  ): Promise<CampaignRow | undefined> {
    const { userIds, after, isLast } = batch;
    return this.database.transaction(async (transaction) => {
      const moved = await transaction.row<CampaignRow>(sql`
        UPDATE campaigns SET after_user = coalesce(${after}::uuid, after_user), is_expanded = ${isLast}, due_at = ${fromNow(LEASE_SECONDS)},
          recipients = CASE WHEN user_ids IS NULL THEN recipients + ${userIds.length}::int ELSE recipients END
        WHERE id = ${campaign.id} AND status = 'running' AND after_user IS NOT DISTINCT FROM ${campaign.after_user}::uuid AND NOT is_expanded
        RETURNING ${COLUMNS}`);
      if (moved === undefined || userIds.length === 0) return moved;
      const { id, category, title, body, data, channels } = campaign;
      const messages = userIds.flatMap((userId) => {
        const notificationId = uuidv7();
        return channels.map((channel) => ({ id: uuidv7(), userId, notificationId, channel }));
      });
      transaction.send(sql`
        INSERT INTO outgoing (id, notification_id, campaign_id, user_id, category, channel, lane, title, body, data)
        SELECT id, notification_id, ${id}::uuid, user_id, ${category}::text, channel, 'bulk', ${title}::text, ${body}::text,
          ${JSON.stringify(data)}::jsonb
        FROM unnest(${messages.map((one) => one.id)}::uuid[], ${messages.map((one) => one.notificationId)}::uuid[],
          ${messages.map((one) => one.userId)}::uuid[], ${messages.map((one) => one.channel)}::text[]) AS row (id, notification_id, user_id, channel)`);
      return moved;
    });
  }

  /** Nothing of it begins to leave from here on. Undefined when it had ended. */
  async cancel(id: string): Promise<CampaignRow | undefined> {
    return this.database.row<CampaignRow>(sql`
      UPDATE campaigns SET status = 'cancelled', finished_at = now() WHERE id = ${id} AND status IN ('scheduled', 'running') RETURNING ${COLUMNS}`);
  }

  /** The messages of cancelled campaigns that have not left, and the users who have none yet. */
  async skipCancelled(): Promise<void> {
    await this.database.execute(sql`
      WITH ended AS (
        UPDATE campaigns SET is_expanded = true, recipients = CASE WHEN user_ids IS NULL THEN recipients ELSE
          (SELECT count(*)::int FROM unnest(user_ids) AS one WHERE one <= after_user) END
        WHERE status = 'cancelled' AND NOT is_expanded RETURNING id)
      SELECT count(*) FROM ended`);
    for (;;) {
      const skipped = await this.database.execute(sql`
        UPDATE outgoing SET state = 'skipped', reason = 'cancelled', due_at = now(), updated_at = now()
        WHERE state IN ('queued', 'waiting') AND id IN (
          SELECT outgoing.id FROM outgoing JOIN campaigns ON campaigns.id = campaign_id
          WHERE campaigns.status = 'cancelled' AND campaigns.finished_at > now() - ${CANCELLED_FOR}::interval AND outgoing.state IN ('queued', 'waiting')
          LIMIT ${SKIPPED_AT_ONCE})`);
      if (skipped < SKIPPED_AT_ONCE) return;
    }
  }

  /** Those of which every message has an end. */
  async finish(): Promise<void> {
    await this.database.execute(sql`
      UPDATE campaigns SET status = 'done', finished_at = now()
      WHERE status = 'running' AND is_expanded
        AND NOT EXISTS (SELECT 1 FROM outgoing WHERE campaign_id = campaigns.id AND state IN ('queued', 'waiting', 'sending'))`);
  }

  /** With their counts. */
  async removeOld(): Promise<void> {
    await this.database.execute(sql`
      WITH old AS (
        DELETE FROM campaigns WHERE id IN (
          SELECT id FROM campaigns WHERE finished_at < now() - ${retention.campaigns.keptFor}::interval LIMIT ${SKIPPED_AT_ONCE}) RETURNING id)
      DELETE FROM campaign_counts USING old WHERE campaign_id = old.id`);
  }
}
