import { Injectable } from '@nestjs/common';
import type { ListCoupons } from '#libs/contracts/coupon/api';
import type { CouponUse } from '#libs/contracts/coupon/views';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { joined, plannedByValues, type Sql, sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { CODE, type CouponRow, normalised } from './coupon.ts';

type Page<T> = { items: T[]; nextCursor: string | null };
export type NewCoupon = Omit<CouponRow, 'id' | 'told_user_ids' | 'uses' | 'spent' | 'withdrawn_at' | 'created_at'>;

/** What is issued for one user and one use. */
export interface IssuedTerms extends Pick<CouponRow, 'code' | 'kind' | 'value' | 'rules'> {
  readonly userId: string;
  readonly endsAt: string;
}

const LIVE = sql`active AND withdrawn_at IS NULL AND starts_at <= now() AND ends_at > now()`;

export interface CouponViewer {
  readonly userId: string | undefined;
  readonly isAdmin: boolean;
}

const TIMES = {
  scheduled: sql`starts_at > now()`,
  running: sql`starts_at <= now() AND ends_at > now()`,
  over: sql`ends_at <= now()`,
};

function searchConditions({ q, kind, active, automatic, public: isPublic, time }: Omit<ListCoupons, 'limit' | 'cursor'>): Sql[] {
  return [
    ...(q === undefined ? [] : [sql`strpos(code, ${normalised(q)}) > 0`]),
    ...(kind === undefined ? [] : [sql`kind = ${kind}`]),
    ...(active === undefined ? [] : [sql`active = ${active}`]),
    ...(automatic === undefined ? [] : [sql`automatic = ${automatic}`]),
    ...(isPublic === undefined ? [] : [sql`public = ${isPublic}`]),
    ...(time === undefined ? [] : [TIMES[time]]),
  ];
}

/** Coupons and who has used them; `hold.repository.ts` changes the uses. */
@Injectable()
export class CouponRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  /** Newest first. Admins see every coupon that is not withdrawn; others live public ones, and live ones that name them. */
  async list(viewer: CouponViewer, { limit, cursor, ...filters }: ListCoupons): Promise<Page<CouponRow>> {
    const { userId, isAdmin } = viewer;
    const list = `coupons ${JSON.stringify([isAdmin, userId, filters])}`;
    const named = when(userId !== undefined, () => sql` OR user_ids @> ARRAY[${userId}::uuid]`);
    const conditions = [
      sql`withdrawn_at IS NULL`,
      ...(isAdmin ? [] : [LIVE, sql`(public${named})`]),
      ...searchConditions(filters),
      ...(cursor === undefined ? [] : [sql`id < ${this.cursors.decode(cursor, list)[0]}::uuid`]),
    ];
    const rows = await this.database.rows<CouponRow>(
      plannedByValues(sql`SELECT * FROM coupons WHERE ${joined(conditions, ' AND ')} ORDER BY id DESC LIMIT ${limit + 1}`),
    );
    return pageOf(rows, limit, ({ id }) => this.cursors.encode([id], list));
  }

  async anyPromotionLive(): Promise<boolean> {
    const row = await this.database.row<{ any: boolean }>(sql`SELECT EXISTS (SELECT FROM coupons WHERE automatic AND ${LIVE}) AS any`);
    return row?.any === true;
  }

  /** The coupon of this code, unless it is withdrawn, and the live promotions in their fixed order. `locked`: until the transaction ends. */
  async candidates(code: string | undefined, queries: Queries = this.database, locked = false): Promise<{ found: CouponRow[]; now: Date }> {
    // A malformed code is looked for like any other and never found: the time an answer takes must not tell them apart.
    const searched = code === undefined || CODE.test(code) ? code : '';
    const found = await queries.rows<CouponRow & { now: Date }>(sql`
      SELECT *, clock_timestamp() AS now FROM coupons WHERE (automatic AND ${LIVE}) ${when(searched !== undefined, () => sql`OR (code = ${searched} AND withdrawn_at IS NULL)`)}
      ORDER BY id ${when(locked, () => sql`FOR NO KEY UPDATE`)}`);
    // By the database's clock, which all replicas have in common; without a coupon there is nothing to compare with it.
    return { found, now: found.at(-1)?.now ?? new Date() };
  }

  /** A withdrawn one too. */
  async find(id: string): Promise<CouponRow | undefined> {
    return this.database.row<CouponRow>(sql`SELECT * FROM coupons WHERE id = ${id}`);
  }

  /** Fails when a coupon that is not withdrawn has the code. */
  async insert(transaction: Transaction, id: string, coupon: NewCoupon): Promise<CouponRow> {
    const row = await transaction.row<CouponRow>(sql`
      INSERT INTO coupons (id, code, kind, value, rules, user_ids, starts_at, ends_at,
        usage_limit, per_user_limit, budget, automatic, stackable, public, active)
      VALUES (${id}, ${coupon.code}, ${coupon.kind}, ${coupon.value}, ${JSON.stringify(coupon.rules)}::jsonb, ${coupon.user_ids}::uuid[],
        ${coupon.starts_at}, ${coupon.ends_at}, ${coupon.usage_limit}, ${coupon.per_user_limit}, ${coupon.budget},
        ${coupon.automatic}, ${coupon.stackable}, ${coupon.public}, ${coupon.active})
      RETURNING *`);
    if (row === undefined) throw new Error('an inserted coupon was not returned');
    return row;
  }

  /** Makes a coupon that is valid from now on. Undefined when one of this id was made before; a second call waits here for the first. */
  issue(transaction: Transaction, id: string, coupon: IssuedTerms): Promise<CouponRow | undefined> {
    return transaction.row<CouponRow>(sql`
      INSERT INTO coupons (id, code, kind, value, rules, user_ids, told_user_ids, starts_at, ends_at, usage_limit, automatic, stackable, public, active)
      VALUES (${id}, ${coupon.code}, ${coupon.kind}, ${coupon.value}, ${JSON.stringify(coupon.rules)}::jsonb, ARRAY[${coupon.userId}::uuid],
        ARRAY[${coupon.userId}::uuid], least(now(), ${coupon.endsAt}::timestamptz - interval '1 second'), ${coupon.endsAt}::timestamptz,
        1, false, false, false, true)
      ON CONFLICT (id) DO NOTHING RETURNING *`);
  }

  /** Unless an order has used it or holds it; orders that are placed meanwhile come before or after. */
  async withdrawUnused(id: string): Promise<void> {
    await this.database.execute(sql`UPDATE coupons SET withdrawn_at = now() WHERE id = ${id} AND withdrawn_at IS NULL AND uses = 0`);
  }

  /** Locked, so that what is merged into it is not an older state. */
  async lock(transaction: Transaction, id: string): Promise<CouponRow | undefined> {
    return transaction.row<CouponRow>(sql`SELECT * FROM coupons WHERE id = ${id} AND withdrawn_at IS NULL FOR NO KEY UPDATE`);
  }

  async update(transaction: Transaction, id: string, coupon: NewCoupon): Promise<CouponRow | undefined> {
    return transaction.row<CouponRow>(sql`
      UPDATE coupons SET value = ${coupon.value}, rules = ${JSON.stringify(coupon.rules)}::jsonb, user_ids = ${coupon.user_ids}::uuid[],
        starts_at = ${coupon.starts_at}, ends_at = ${coupon.ends_at}, usage_limit = ${coupon.usage_limit}, per_user_limit = ${coupon.per_user_limit}, budget = ${coupon.budget},
        stackable = ${coupon.stackable}, public = ${coupon.public}, active = ${coupon.active}
      WHERE id = ${id} RETURNING *`);
  }

  /** What is known of a user beside what their orders say: coupons that name them, and how many confirmed orders count. */
  async knownOf(userId: string): Promise<{ coupons: { code: string; endsAt: Date }[]; confirmedOrders: number }> {
    const coupons = await this.database.rows<{ code: string; endsAt: Date }>(
      sql`SELECT code, ends_at AS "endsAt" FROM coupons WHERE user_ids @> ARRAY[${userId}::uuid] ORDER BY id LIMIT 1000`,
    );
    const counted = await this.database.row<{ orders: number }>(sql`SELECT orders FROM customers WHERE user_id = ${userId}`);
    return { coupons, confirmedOrders: counted?.orders ?? 0 };
  }

  /** No coupon names them any more; one that named nobody else is nobody's. */
  async forgetUser(transaction: Transaction, userId: string): Promise<void> {
    await transaction.execute(
      sql`
        UPDATE coupons SET user_ids = array_remove(user_ids, ${userId}::uuid), told_user_ids = array_remove(told_user_ids, ${userId}::uuid)
        WHERE user_ids @> ARRAY[${userId}::uuid] OR told_user_ids @> ARRAY[${userId}::uuid]`,
    );
  }

  async noteTold(transaction: Transaction, id: string, userIds: readonly string[]): Promise<void> {
    await transaction.execute(sql`UPDATE coupons SET told_user_ids = told_user_ids || ${userIds}::uuid[] WHERE id = ${id}`);
  }

  /** Its uses stay on record; its code is free again. */
  async withdraw(id: string): Promise<boolean> {
    return (await this.database.execute(sql`UPDATE coupons SET withdrawn_at = now() WHERE id = ${id} AND withdrawn_at IS NULL`)) === 1;
  }

  async usage(id: string, limit: number, cursor: string | undefined): Promise<Page<CouponUse> & { used: number; held: number }> {
    const list = `coupon usage ${id}`;
    // Those that wait for their payment are few; all that were ever redeemed may be millions, and are counted in the coupon's row.
    const counted = await this.database.row<{ used: number; held: number }>(sql`
      SELECT coupons.uses - waiting.held AS used, waiting.held
      FROM coupons, (SELECT count(*) AS held FROM holds JOIN hold_uses USING (order_id) WHERE state = 'held' AND coupon_id = ${id}) AS waiting
      WHERE coupons.id = ${id}`);
    const rows = await this.database.rows<CouponUse & { at: Date | string }>(sql`
      SELECT order_id AS "orderId", user_id AS "userId", state, discount, created_at AS at FROM hold_uses JOIN holds USING (order_id)
      WHERE coupon_id = ${id} AND state IN ('held', 'redeemed')
        ${when(cursor !== undefined, () => sql`AND order_id < ${this.cursors.decode(cursor as string, list)[0]}::uuid`)}
      ORDER BY order_id DESC LIMIT ${limit + 1}`);
    const page = pageOf(rows, limit, ({ orderId }) => this.cursors.encode([orderId], list));
    return {
      items: page.items.map((use) => ({ ...use, at: new Date(use.at).toISOString() })),
      nextCursor: page.nextCursor,
      used: counted?.used ?? 0,
      held: counted?.held ?? 0,
    };
  }

  /** The use of an own order that was placed with this code. */
  async redemption(userId: string, orderId: string, code: string): Promise<{ redemptionId: string; discount: number } | undefined> {
    if (!CODE.test(code)) return undefined;
    return this.database.row(sql`
      SELECT holds.id AS "redemptionId", discount FROM holds JOIN hold_uses USING (order_id) JOIN coupons ON coupons.id = coupon_id
      WHERE order_id = ${orderId} AND holds.user_id = ${userId} AND holds.state IN ('held', 'redeemed') AND code = ${code} AND NOT automatic`);
  }
}
