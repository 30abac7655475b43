import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Category, Channel } from '#libs/contracts/notification/views';
import { claim, fromNow } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import type { Lane, Template } from '../causes.ts';
import type { DeliveryPage } from '../store/notification-store.ts';
import type { Message, Outgoing, SkipReason, State } from './outgoing.ts';

/** Seconds for which a worker has the messages it claimed and has not begun to hand over. */
const CLAIM_SECONDS = 30;
/** The longest a provider may take over what it is handed. */
export const HAND_OVER_SECONDS = 120;
export const FILED_AT_ONCE = 200;
/** What a digest remembers to ask whether it still holds; those before count as told. */
const GATHERED = 100;

export interface NewOutgoing {
  readonly notificationId: string;
  readonly userId: string | null;
  readonly template: Template;
  readonly category: Category;
  readonly channels: readonly Channel[];
  readonly lane: Lane;
  readonly variables: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
  readonly address?: string | undefined;
  readonly sealed?: string | undefined;
  readonly expiresAt?: string | undefined;
  readonly delaySeconds: number;
  /** Where it is a digest: so many seconds after its first telling it leaves, with those that came meanwhile. */
  readonly digestSeconds?: number | undefined;
}

/** What a worker writes down of a message. */
export interface Recorded {
  readonly id: string;
  readonly state: State;
  readonly reason?: SkipReason | undefined;
  /** How many it told of when this was decided; one that tells of more by now is decided anew. */
  readonly judgedCount?: number;
  /** When it had last changed as this was decided: what was changed since, such as by the reader's preferences, is decided anew. */
  readonly judgedAt?: Date;
  /** Seconds until it is due again. */
  readonly again?: number;
  readonly sentTo?: string;
  readonly template?: Template | null;
  readonly version?: number | null;
  readonly locale?: string;
  readonly providerId?: string | undefined;
  readonly attempt?: { readonly provider: string; readonly outcome: string; readonly code?: string | undefined };
}

const COLUMNS = sql`id, notification_id, campaign_id, user_id, template, category, channel, lane, title, body, variables, data, count, gathered, address,
  sealed, state, reason, expires_at, tries, attempts, sent_to, version, locale, created_at, updated_at`;

/** The database, or a transaction on it. */
type Asked = Pick<Database | Transaction, 'rows' | 'execute'>;

@Injectable()
export class OutgoingRepository {
  constructor(private readonly database: Database) {}

  /** One message for each channel. A digest's joins the one that has not left yet; the list shows each at once. */
  add(transaction: Transaction, one: NewOutgoing): void {
    const rows = one.channels.map((channel) => {
      const gathers = one.digestSeconds !== undefined && channel !== 'in_app';
      return { id: uuidv7(), channel, gathers, seconds: gathers ? one.digestSeconds : one.delaySeconds };
    });
    transaction.send(sql`
      INSERT INTO outgoing (id, notification_id, user_id, template, category, channel, lane, variables, data, address, sealed, expires_at,
        gathers, state, due_at)
      SELECT id, ${one.notificationId}::uuid, ${one.userId}::uuid, ${one.template}::text, ${one.category}::text, channel, ${one.lane}::text,
        ${JSON.stringify(one.variables)}::jsonb, ${JSON.stringify(one.data)}::jsonb, ${one.address ?? null}::text, ${one.sealed ?? null}::text,
        ${one.expiresAt ?? null}::timestamptz, gathers, CASE WHEN seconds > 0 THEN 'waiting' ELSE 'queued' END, ${fromNow(sql`seconds`)}
      FROM json_to_recordset(${JSON.stringify(rows)}::json) AS row (id uuid, channel text, gathers boolean, seconds float8)
      ON CONFLICT (user_id, category, channel) WHERE gathers AND state IN ('queued', 'waiting') DO UPDATE SET
        count = outgoing.count + 1, updated_at = now(),
        gathered = CASE WHEN jsonb_array_length(outgoing.gathered) < ${GATHERED} THEN outgoing.gathered ELSE outgoing.gathered - 0 END
          || jsonb_build_object('template', outgoing.template, 'variables', outgoing.variables, 'data', outgoing.data),
        template = excluded.template, variables = excluded.variables, data = excluded.data`);
  }

  /** Up to `most` messages of each lane and channel. */
  claim(rooms: readonly { readonly lane: Lane; readonly channel: Channel; readonly most: number }[]): Promise<Outgoing[]> {
    const of = (key: 'lane' | 'channel' | 'most'): readonly (string | number)[] => rooms.map((room) => room[key]);
    return this.database.rows<Outgoing>(
      claim({
        table: sql`outgoing`,
        key: sql`id`,
        due: sql`due_at`,
        each: sql`unnest(${of('lane')}::text[], ${of('channel')}::text[], ${of('most')}::int[]) AS room (lane, channel, most)`,
        where: sql`outgoing.lane = room.lane AND outgoing.channel = room.channel AND state IN ('queued', 'waiting')`,
        limit: sql`room.most`,
        leaseSeconds: CLAIM_SECONDS,
        returning: COLUMNS,
      }),
    );
  }

  /** For messages that could not be judged: no try of theirs counts. */
  async postpone(ids: readonly string[], seconds: number): Promise<void> {
    await this.database.execute(
      sql`UPDATE outgoing SET due_at = ${fromNow(seconds)} WHERE id = ANY(${ids}::uuid[]) AND state IN ('queued', 'waiting')`,
    );
  }

  /**
   * What waits for its reader is decided anew, a digest when it is due at the earliest. A worker that decides at this moment by what was
   * preferred before records nothing, for the row has changed.
   */
  judgeAnew(transaction: Transaction, userId: string, digestSeconds: number): void {
    transaction.send(sql`
      UPDATE outgoing SET updated_at = clock_timestamp(),
        due_at = CASE WHEN gathers THEN greatest(now(), created_at + make_interval(secs => ${digestSeconds}::float8)) ELSE now() END
      WHERE user_id = ${userId} AND state = 'waiting' AND category IN ('wishlist', 'promotions')`);
  }

  /** From here on a crash makes them `unknown`. Answers those that are still to leave: others were cancelled, or tell of more by now. */
  async beginHandOver(judged: readonly Pick<Message, 'id' | 'judgedCount'>[], on: Asked = this.database): Promise<ReadonlySet<string>> {
    const rows = await on.rows<{ id: string }>(sql`
      UPDATE outgoing SET state = 'sending', gathers = false, due_at = ${fromNow(HAND_OVER_SECONDS)}, updated_at = now()
      FROM unnest(${judged.map(({ id }) => id)}::uuid[], ${judged.map(({ judgedCount }) => judgedCount)}::int[]) AS row (id, count)
      WHERE outgoing.id = row.id AND outgoing.count = row.count AND state IN ('queued', 'waiting')
        AND NOT EXISTS (SELECT 1 FROM campaigns WHERE campaigns.id = campaign_id AND status = 'cancelled')
      RETURNING outgoing.id`);
    return new Set(rows.map(({ id }) => id));
  }

  /**
   * Where to and with which secret a message went is forgotten once it needs no further try. A receipt that was faster than this record says
   * what became of the message; the record says how it went there. What a provider calls it is known with it, or neither is. What is decided
   * of a message is recorded only while it is still to leave: another worker may hand it over by now.
   */
  async record(recorded: readonly Recorded[], on: Asked = this.database): Promise<void> {
    if (recorded.length === 0) return;
    const rows = recorded.map(({ attempt, ...one }) => ({
      ...{ id: one.id, state: one.state, reason: one.reason ?? null, again: one.again ?? 0, sent_to: one.sentTo ?? null },
      ...{ judged_count: one.judgedCount ?? null, judged_at: one.judgedAt ?? null, template: one.template ?? null },
      ...{ version: one.version ?? null, locale: one.locale ?? null, provider_id: one.providerId ?? null },
      attempt: attempt === undefined ? null : { at: new Date().toISOString(), ...attempt },
    }));
    await on.execute(sql`
      WITH recorded AS (
        UPDATE outgoing SET
          state = CASE WHEN outgoing.state IN ('queued', 'waiting', 'sending') THEN row.state ELSE outgoing.state END,
          template = coalesce(row.template, outgoing.template), reason = row.reason, due_at = ${fromNow(sql`row.again`)}, updated_at = now(),
          tries = tries + (row.attempt IS NOT NULL)::int,
          attempts = CASE WHEN row.attempt IS NULL THEN attempts ELSE attempts || row.attempt END,
          sent_to = coalesce(row.sent_to, outgoing.sent_to), version = coalesce(row.version, outgoing.version),
          locale = coalesce(row.locale, outgoing.locale), provider_id = coalesce(row.provider_id, outgoing.provider_id),
          address = CASE WHEN row.state IN ('queued', 'waiting') THEN address END,
          sealed = CASE WHEN row.state IN ('queued', 'waiting') THEN sealed END
        FROM json_to_recordset(${JSON.stringify(rows)}::json) AS row (id uuid, state text, reason text, judged_count int, judged_at timestamptz, template text, again float8, sent_to text, version int,
          locale text, provider_id text, attempt jsonb)
        WHERE outgoing.id = row.id AND CASE WHEN row.judged_count IS NULL
          THEN outgoing.state IN ('queued', 'waiting', 'sending') OR row.attempt IS NOT NULL AND outgoing.state IN ('delivered', 'failed', 'bounced')
          ELSE outgoing.state IN ('queued', 'waiting') AND row.judged_count = outgoing.count
            AND (row.judged_at IS NULL OR date_trunc('milliseconds', outgoing.updated_at) <= row.judged_at) END
        RETURNING row.provider_id, notification_id)
      INSERT INTO provider_messages (provider_id, notification_id)
      SELECT provider_id, notification_id FROM recorded WHERE provider_id IS NOT NULL ON CONFLICT DO NOTHING`);
  }

  /** Those that are not filed yet, newest first. */
  page({ before, limit, ...of }: DeliveryPage): Promise<Outgoing[]> {
    return this.database.rows<Outgoing>(sql`
      SELECT ${COLUMNS} FROM outgoing
      WHERE true
        ${when(of.notificationId !== undefined, () => sql`AND notification_id = ${of.notificationId}`)}
        ${when(of.orderId !== undefined, () => sql`AND data ->> 'orderId' = ${of.orderId}`)}
        ${when(of.campaignId !== undefined, () => sql`AND campaign_id = ${of.campaignId}`)}
        ${when(of.userId !== undefined, () => sql`AND user_id = ${of.userId}`)}
        ${when(of.template !== undefined, () => sql`AND template = ${of.template}`)}
        ${when(of.channel !== undefined, () => sql`AND channel = ${of.channel}`)}
        ${when(of.state !== undefined, () => sql`AND state = ${of.state}`)}
        ${when(before !== undefined, () => sql`AND id < ${before}::uuid`)}
      ORDER BY id DESC LIMIT ${limit}`);
  }

  /** A provider's receipt, which may come before the hand-over is recorded. False where there is no such message: it is filed, or was none. */
  async receive(notificationId: string, channel: Channel, open: readonly string[], state: State): Promise<boolean> {
    const row = await this.database.row<{ known: boolean }>(sql`
      WITH received AS (
        UPDATE outgoing SET state = ${state}, due_at = now(), updated_at = now(), address = NULL, sealed = NULL
        WHERE notification_id = ${notificationId} AND channel = ${channel} AND state = ANY(${open}::text[]) RETURNING id)
      SELECT EXISTS (SELECT 1 FROM received) OR EXISTS (
        SELECT 1 FROM outgoing WHERE notification_id = ${notificationId} AND channel = ${channel}) AS known`);
    return row?.known === true;
  }

  async notificationOf(providerId: string): Promise<string | undefined> {
    const row = await this.database.row<{ notification_id: string }>(
      sql`SELECT notification_id FROM provider_messages WHERE provider_id = ${providerId}`,
    );
    return row?.notification_id;
  }

  /** Messages whose worker died between the beginning of the hand-over and its record. Adding to a list may be repeated. */
  giveUpCutOff(): Promise<number> {
    return this.database.execute(sql`
      UPDATE outgoing SET state = CASE channel WHEN 'in_app' THEN 'queued' ELSE 'unknown' END, due_at = now(), updated_at = now(), address = NULL, sealed = NULL
      WHERE id IN (SELECT id FROM outgoing WHERE state = 'sending' AND due_at < now() ORDER BY due_at LIMIT 1000 FOR UPDATE SKIP LOCKED)`);
  }

  claimDone(): Promise<Outgoing[]> {
    return this.database.rows<Outgoing>(
      claim({
        table: sql`outgoing`,
        key: sql`id`,
        due: sql`due_at`,
        where: sql`state NOT IN ('queued', 'waiting', 'sending')`,
        limit: FILED_AT_ONCE,
        leaseSeconds: CLAIM_SECONDS,
        returning: COLUMNS,
      }),
    );
  }

  /** Those that are filed as they are; one that changed meanwhile is filed again. A campaign's are counted with it. */
  async forget(filed: readonly Pick<Outgoing, 'id' | 'updated_at'>[]): Promise<void> {
    await this.database.execute(sql`
      WITH gone AS (DELETE FROM outgoing USING unnest(${filed.map(({ id }) => id)}::uuid[], ${filed.map(({ updated_at }) => updated_at)}::timestamptz[]) AS row (id, at)
      WHERE outgoing.id = row.id AND date_trunc('milliseconds', outgoing.updated_at) <= row.at
      RETURNING campaign_id, state, reason)
      INSERT INTO campaign_counts (campaign_id, state, reason, messages)
      SELECT campaign_id, state, coalesce(reason, ''), count(*) FROM gone WHERE campaign_id IS NOT NULL
      GROUP BY campaign_id, state, coalesce(reason, '') ORDER BY campaign_id, state
      ON CONFLICT (campaign_id, state, reason) DO UPDATE SET messages = campaign_counts.messages + excluded.messages`);
  }
}
