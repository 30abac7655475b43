import { Injectable } from '@nestjs/common';
import type { PriceChanged } from '#libs/contracts/product/messages';
import { wishlistApi } from '#libs/contracts/wishlist/api';
import type { Alert, AlertKind, AlertStatus } from '#libs/contracts/wishlist/views';
import { MAX_WAITING_ALERTS } from '#libs/contracts/wishlist/views';
import { claim, fromNow } from '#libs/persistence/claim';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { alertsTold } from './wishlist.metrics.ts';

export interface AlertRow {
  readonly id: string;
  readonly user_id: string;
  readonly kind: AlertKind;
  readonly product_id: string;
  readonly variant_id: string | null;
  readonly target_price: number | null;
  readonly status: AlertStatus;
  readonly sent_count: number;
  readonly sent_at: Date | null;
  readonly created_at: Date;
}

export interface AlertAbout {
  readonly kind: AlertKind;
  readonly productId: string;
  readonly variantId: string | null;
}

export interface WantedAlert extends AlertAbout {
  readonly targetPrice: number | null;
  /** Of the price that the target is below. */
  readonly priceVersion: number;
}

export const alertOf = (row: AlertRow): Alert => ({
  id: row.id,
  kind: row.kind,
  productId: row.product_id,
  variantId: row.variant_id,
  ...(row.target_price === null ? {} : { targetPrice: row.target_price }),
  status: row.status,
  sentCount: row.sent_count,
  ...(row.sent_at === null ? {} : { sentAt: row.sent_at.toISOString() }),
  createdAt: row.created_at.toISOString(),
});

/** Alerts that product is asked about in one question. */
export const MAX_CHECKED = 100;
/** Seconds that whoever makes an alert, or claims it, has for that question. */
const CHECK_SECONDS = 60;

/** A disabled user is not told; their alerts keep their place. */
const IS_TOLD = sql`NOT EXISTS (SELECT FROM wishers w WHERE w.user_id = alerts.user_id AND w.disabled)`;

@Injectable()
export class AlertRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  async page(
    userId: string,
    { status, limit, cursor }: { status?: AlertStatus | undefined; limit: number; cursor?: string | undefined },
  ): Promise<{ items: AlertRow[]; nextCursor: string | null }> {
    const list = `alerts ${userId} ${status ?? ''}`;
    const before = cursor === undefined ? undefined : this.cursors.decode(cursor, list)[0];
    const rows = await this.database.rows<AlertRow>(sql`
      SELECT * FROM alerts WHERE user_id = ${userId} ${when(status !== undefined, () => sql`AND status = ${status}`)}
        ${when(before !== undefined, () => sql`AND id < ${before}::uuid`)}
      ORDER BY id DESC LIMIT ${limit + 1}`);
    return pageOf(rows, limit, ({ id }) => this.cursors.encode([id], list));
  }

  find(id: string, queries: Queries = this.database): Promise<AlertRow | undefined> {
    return queries.row<AlertRow>(sql`SELECT * FROM alerts WHERE id = ${id}`);
  }

  /** Undefined unless somebody is still to hear of it: neither ended nor of a disabled user. */
  tellable(id: string): Promise<AlertRow | undefined> {
    return this.database.row<AlertRow>(sql`SELECT * FROM alerts WHERE id = ${id} AND status <> 'ended' AND ${IS_TOLD}`);
  }

  waitingLike(queries: Queries, userId: string, { kind, productId, variantId }: AlertAbout): Promise<AlertRow | undefined> {
    return queries.row<AlertRow>(sql`
      SELECT * FROM alerts
      WHERE user_id = ${userId} AND kind = ${kind} AND product_id = ${productId} AND variant_id IS NOT DISTINCT FROM ${variantId}::uuid
        AND status = 'waiting'`);
  }

  /** In the user's turn. Undefined when as many wait as may. */
  insert(tx: Transaction, id: string, userId: string, alert: WantedAlert): Promise<AlertRow | undefined> {
    return tx.row<AlertRow>(sql`
      INSERT INTO alerts (id, user_id, kind, product_id, variant_id, target_price, above_version)
      SELECT ${id}, ${userId}, ${alert.kind}, ${alert.productId}, ${alert.variantId}, ${alert.targetPrice}, ${alert.priceVersion}
      WHERE (SELECT count(*) FROM alerts WHERE user_id = ${userId} AND status = 'waiting') < ${MAX_WAITING_ALERTS}
      RETURNING *`);
  }

  /** The price is above the new target, so it is armed anew; a place in the queue stays. */
  retarget(tx: Transaction, id: string, { targetPrice, priceVersion }: WantedAlert): Promise<AlertRow | undefined> {
    return tx.row<AlertRow>(sql`
      UPDATE alerts SET target_price = ${targetPrice}, above_version = ${priceVersion}, below_version = -1, told_version = -1,
        check_due = ${fromNow(CHECK_SECONDS)}
      WHERE id = ${id} RETURNING *`);
  }

  /** Product was asked about it after it was made. */
  checked(id: string, queries: Queries = this.database): Promise<AlertRow | undefined> {
    return queries.row<AlertRow>(sql`UPDATE alerts SET check_due = NULL WHERE id = ${id} RETURNING *`);
  }

  /** Those about which nobody has asked product since. */
  claimUnchecked(): Promise<AlertRow[]> {
    return this.database.rows<AlertRow>(
      claim({
        table: sql`alerts`,
        key: sql`id`,
        due: sql`check_due`,
        where: sql`status = 'waiting'`,
        limit: MAX_CHECKED,
        leaseSeconds: CHECK_SECONDS,
        returning: sql`*`,
      }),
    );
  }

  async remove(id: string, userId: string): Promise<boolean> {
    return (await this.database.execute(sql`DELETE FROM alerts WHERE id = ${id} AND user_id = ${userId}`)) === 1;
  }

  /** Takes back what was never told. */
  async removeWaiting(id: string): Promise<boolean> {
    return (await this.database.execute(sql`DELETE FROM alerts WHERE id = ${id} AND status = 'waiting' AND sent_count = 0`)) === 1;
  }

  /** Tells as many of those who wait longest as there are units. Rows that another rise is telling are waited for and passed over. */
  async tellRises(tx: Transaction, rises: ReadonlyMap<string, { units: number; price: number }>): Promise<void> {
    const waitedFor = await tx.rows<{ variantId: string }>(sql`
      SELECT DISTINCT variant_id AS "variantId" FROM alerts
      WHERE variant_id = ANY(${[...rises.keys()]}::uuid[]) AND status = 'waiting' AND kind = 'back_in_stock' ORDER BY variant_id`);
    for (const { variantId } of waitedFor) {
      const { units, price } = rises.get(variantId) ?? { units: 0, price: 0 };
      const next = await tx.rows<{ id: string }>(sql`
        SELECT id FROM alerts WHERE variant_id = ${variantId} AND status = 'waiting' AND kind = 'back_in_stock' AND ${IS_TOLD}
        ORDER BY created_at, id LIMIT ${units} FOR UPDATE`);
      const told = await tx.rows<AlertRow>(sql`
        UPDATE alerts SET status = 'sent', sent_count = sent_count + 1, sent_at = now(), done_at = now()
        WHERE id = ANY(${next.map(({ id }) => id)}::uuid[]) RETURNING *`);
      this.publish(tx, told, () => price);
    }
  }

  /**
   * Tells those whose target is reached, once after each time that the price was above it. Versions, not the order of arrival, say what came
   * after what: an event that comes late arms or disarms as if it had come in time.
   */
  async tellPrice(tx: Transaction, { variantId, productPrice, ...changed }: PriceChanged): Promise<void> {
    await this.observePrice(tx, changed, variantId);
    await this.observePrice(tx, { ...changed, price: productPrice }, null);
  }

  /** `variantId`: whose price it is; null: the product's. */
  async observePrice(
    tx: Transaction,
    { productId, price, version }: Pick<PriceChanged, 'productId' | 'price' | 'version'>,
    variantId: string | null,
  ): Promise<void> {
    const those = sql`
      product_id = ${productId} AND variant_id IS NOT DISTINCT FROM ${variantId}::uuid AND status = 'waiting' AND kind = 'price_drop'`;
    tx.send(sql`
      UPDATE alerts SET above_version = CASE WHEN target_price < ${price} THEN greatest(above_version, ${version}) ELSE above_version END,
        below_version = CASE WHEN target_price < ${price} THEN below_version ELSE greatest(below_version, ${version}) END
      WHERE ${those}`);
    const told = await tx.rows<AlertRow>(sql`
      UPDATE alerts SET told_version = below_version, sent_count = sent_count + 1, sent_at = now()
      WHERE ${those} AND below_version > above_version AND above_version > told_version AND ${IS_TOLD}
      RETURNING *`);
    this.publish(tx, told, ({ target_price }) => Math.min(price, target_price ?? price));
  }

  end(tx: Transaction, productId: string, variantId: string | undefined): void {
    tx.send(sql`
      UPDATE alerts SET status = 'ended', done_at = now()
      WHERE product_id = ${productId} AND status = 'waiting' ${when(variantId !== undefined, () => sql`AND variant_id = ${variantId}`)}`);
  }

  private publish(tx: Transaction, told: readonly AlertRow[], priceOf: (row: AlertRow) => number): void {
    for (const row of told) {
      const { id: alertId, user_id: userId, kind, product_id: productId, variant_id: variantId, sent_count: hit } = row;
      tx.publish(wishlistApi.events.alertHit, { alertId, userId, kind, productId, variantId, price: priceOf(row), hit });
      tx.afterCommit(() => alertsTold.inc({ kind }));
    }
  }
}
