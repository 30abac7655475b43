import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { CouponsHeld } from '#libs/contracts/coupon/messages';
import type { Logger } from '#libs/observability/logger';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { HOLD_GRACE_SECONDS } from '#libs/pricing/holds';
import { InjectLogger } from '#libs/runtime/core.module';
import type { Use } from './coupon-engine.ts';
import { holdOutcomes } from './coupon-metrics.ts';

/** `held → redeemed`, `held → released`, `redeemed → released`, `released → redeemed`; `refused` is final. */
export type HoldState = 'held' | 'redeemed' | 'released' | 'refused';

export interface Hold {
  readonly state: HoldState;
  readonly refusal: CouponsHeld | null;
  /** Null for the tombstone of a release that came first. */
  readonly userId: string | null;
  readonly isFirstOrder: boolean;
}

/** Holds of orders and the uses they count. Uses are counted in one conditional statement, while the coupon's row is locked. */
@Injectable()
export class HoldRepository {
  constructor(
    private readonly database: Database,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  /** Creates the hold. False when the order has one already; a concurrent second call waits here for the first. */
  async open(
    transaction: Transaction,
    hold: { orderId: string; userId: string | null; state: 'held' | 'released'; ttlSeconds: number | null },
  ): Promise<boolean> {
    const inserted = await transaction.execute(sql`
      INSERT INTO holds (order_id, id, user_id, state, expires_at)
      VALUES (${hold.orderId}, ${uuidv7()}, ${hold.userId}, ${hold.state}, now() + make_interval(secs => ${hold.ttlSeconds}::int)) ON CONFLICT DO NOTHING`);
    return inserted === 1;
  }

  /** Reads and locks the hold until the transaction ends. */
  find(transaction: Transaction, orderId: string): Promise<Hold | undefined> {
    return transaction.row<Hold>(sql`
      SELECT state, refusal, user_id AS "userId", first_order AS "isFirstOrder" FROM holds WHERE order_id = ${orderId} FOR NO KEY UPDATE`);
  }

  /** Changes the state. False when the hold was in none of the states `from`. */
  async move(transaction: Transaction, orderId: string, from: readonly HoldState[], to: HoldState): Promise<boolean> {
    return (
      (await transaction.execute(sql`UPDATE holds SET state = ${to} WHERE order_id = ${orderId} AND state = ANY(${from}::text[])`)) === 1
    );
  }

  async refuse(transaction: Transaction, orderId: string, refusal: CouponsHeld): Promise<void> {
    await transaction.execute(
      sql`UPDATE holds SET state = 'refused', refusal = ${JSON.stringify(refusal)}::jsonb WHERE order_id = ${orderId}`,
    );
  }

  /** Records and counts the uses of an order. False when a limit or a budget has no room for all of them; then nothing may be committed. */
  async use(transaction: Transaction, orderId: string, uses: readonly Use[], isFirstOrder: boolean): Promise<boolean> {
    await transaction.execute(sql`
      INSERT INTO hold_uses (order_id, coupon_id, discount)
      SELECT ${orderId}::uuid, coupon_id, discount
      FROM unnest(${uses.map(({ coupon }) => coupon.id)}::uuid[], ${uses.map(({ discount }) => discount)}::bigint[]) AS use (coupon_id, discount)`);
    if (isFirstOrder) await transaction.execute(sql`UPDATE holds SET first_order = true WHERE order_id = ${orderId}`);
    return this.count(transaction, orderId);
  }

  /** Adds the uses of an order to the counts, all or none. */
  async count(transaction: Transaction, orderId: string): Promise<boolean> {
    const row = await transaction.row<{ uses: number; counted: number; counted_users: number }>(sql`
      WITH mine AS MATERIALIZED (
        SELECT coupon_id, discount, user_id FROM hold_uses JOIN holds USING (order_id) WHERE order_id = ${orderId}
      ), locked AS MATERIALIZED (
        SELECT id FROM coupons WHERE id IN (SELECT coupon_id FROM mine) ORDER BY id FOR NO KEY UPDATE
      ), counted AS (
        UPDATE coupons SET uses = uses + 1, spent = spent + mine.discount FROM mine, locked
        WHERE coupons.id = mine.coupon_id AND coupons.id = locked.id AND (usage_limit IS NULL OR uses < usage_limit)
          AND (budget IS NULL OR spent + mine.discount <= budget)
        RETURNING coupons.id, per_user_limit, user_id
      ), counted_users AS (
        INSERT INTO coupon_users AS known (coupon_id, user_id, uses) SELECT id, user_id, 1 FROM counted WHERE user_id IS NOT NULL
        ON CONFLICT (coupon_id, user_id) DO UPDATE SET uses = known.uses + 1
        WHERE coalesce((SELECT per_user_limit FROM counted WHERE counted.id = known.coupon_id), known.uses + 1) > known.uses
        RETURNING 1
      )
      SELECT (SELECT count(*) FROM mine) AS uses, (SELECT count(*) FROM counted) AS counted, (SELECT count(*) FROM counted_users) AS counted_users`);
    return row !== undefined && row.counted === row.uses && row.counted_users === row.uses;
  }

  /** Takes the uses of an order off the counts. */
  private async uncount(transaction: Transaction, orderId: string): Promise<void> {
    await transaction.execute(sql`
      WITH mine AS MATERIALIZED (
        SELECT coupon_id, discount, user_id FROM hold_uses JOIN holds USING (order_id) WHERE order_id = ${orderId}
      ), locked AS MATERIALIZED (
        SELECT id FROM coupons WHERE id IN (SELECT coupon_id FROM mine) ORDER BY id FOR NO KEY UPDATE
      ), users AS (
        UPDATE coupon_users SET uses = uses - 1 FROM mine, locked
        WHERE coupon_users.coupon_id = mine.coupon_id AND mine.coupon_id = locked.id AND coupon_users.user_id = mine.user_id
      )
      UPDATE coupons SET uses = uses - 1, spent = spent - mine.discount FROM mine, locked WHERE coupons.id = mine.coupon_id AND coupons.id = locked.id`);
  }

  /** Gives the uses of an order back once, held or redeemed. Without a hold it leaves a tombstone, which refuses a hold that comes later. */
  async release(transaction: Transaction, orderId: string): Promise<void> {
    if (await this.open(transaction, { orderId, userId: null, state: 'released', ttlSeconds: null })) return;
    if (!(await this.move(transaction, orderId, ['held', 'redeemed'], 'released'))) return;
    await this.uncount(transaction, orderId);
    this.report(transaction, orderId, 'released');
  }

  /** Logs and counts what became of an order's coupons, once that is committed. */
  report(transaction: Transaction, orderId: string, outcome: HoldState): void {
    transaction.afterCommit(() => {
      holdOutcomes.inc({ outcome });
      this.logger.info({ orderId }, `coupon.${outcome}`);
    });
  }

  async hasUses(transaction: Transaction, orderId: string): Promise<boolean> {
    return (await transaction.row(sql`SELECT 1 FROM hold_uses WHERE order_id = ${orderId} LIMIT 1`)) !== undefined;
  }

  /** Uses of a customer by coupon, and whether an order now would be their first. `locked`: no other order of theirs is judged meanwhile. */
  async customer(
    userId: string,
    couponIds: readonly string[],
    orderId: string | null,
    queries: Queries = this.database,
    locked = false,
  ): Promise<{ uses: ReadonlyMap<string, number>; isFirstOrder: boolean }> {
    if (locked) {
      await queries.execute(sql`INSERT INTO customers (user_id) VALUES (${userId}) ON CONFLICT DO NOTHING`);
      await queries.execute(sql`SELECT 1 FROM customers WHERE user_id = ${userId} FOR NO KEY UPDATE`);
    }
    const known = await queries.row<{ uses: Record<string, number> | null; is_first: boolean }>(sql`
      SELECT (SELECT json_object_agg(coupon_id, uses) FROM coupon_users WHERE user_id = ${userId} AND coupon_id = ANY(${couponIds}::uuid[])) AS uses,
        NOT EXISTS (SELECT FROM customers WHERE user_id = ${userId} AND orders > 0)
        AND NOT EXISTS (SELECT FROM holds WHERE user_id = ${userId} AND first_order AND state IN ('held', 'redeemed')
          ${when(orderId !== null, () => sql`AND order_id <> ${orderId}`)}) AS is_first`);
    return { uses: new Map(Object.entries(known?.uses ?? {})), isFirstOrder: known?.is_first === true };
  }

  /** Counts confirmed orders, but those that were voided before this was heard. Customers are counted in the order of their ids. */
  confirmOrders(transaction: Transaction, orders: readonly { readonly orderId: string; readonly userId: string }[]): void {
    transaction.send(sql`
      WITH told AS MATERIALIZED (
        SELECT * FROM unnest(${orders.map(({ orderId }) => orderId)}::uuid[], ${orders.map(({ userId }) => userId)}::uuid[]) AS told (order_id, user_id)
      ), heard AS (
        INSERT INTO heard_orders (order_id, counted) SELECT order_id, true FROM told ORDER BY order_id ON CONFLICT DO NOTHING RETURNING order_id
      )
      INSERT INTO customers AS known (user_id, orders)
      SELECT user_id, count(*) FROM told JOIN heard USING (order_id) GROUP BY user_id ORDER BY user_id
      ON CONFLICT (user_id) DO UPDATE SET orders = known.orders + EXCLUDED.orders`);
  }

  /** Takes a voided order off the count; one whose confirmation was not heard yet will not be counted. */
  async voidOrder(transaction: Transaction, orderId: string, userId: string): Promise<void> {
    const isNew = await transaction.execute(
      sql`INSERT INTO heard_orders (order_id, counted) VALUES (${orderId}, false) ON CONFLICT DO NOTHING`,
    );
    if (isNew === 1) return;
    const wasCounted = await transaction.execute(sql`UPDATE heard_orders SET counted = false WHERE order_id = ${orderId} AND counted`);
    if (wasCounted === 1) await transaction.execute(sql`UPDATE customers SET orders = orders - 1 WHERE user_id = ${userId} AND orders > 0`);
  }

  async overdue(limit: number): Promise<string[]> {
    const rows = await this.database.rows<{ orderId: string }>(sql`
      SELECT order_id AS "orderId" FROM holds
      WHERE state = 'held' AND expires_at < now() - make_interval(secs => ${HOLD_GRACE_SECONDS}::int) ORDER BY expires_at LIMIT ${limit}`);
    return rows.map(({ orderId }) => orderId);
  }
}
