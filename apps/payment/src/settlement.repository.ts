import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Entry } from './settlement.ts';

const PAYMENT = sql`'payment' AS kind, razorpay_payment_id AS id, order_id AS "orderId", amount`;
const REFUND = sql`'refund' AS kind, razorpay_refund_id AS id, order_id AS "orderId", amount`;

/** While a day is being checked no other replica takes it. */
const CLAIM_SECONDS = 120;

/** Our side of a settlement: money that was captured, and refunds that were paid out, at Razorpay. */
@Injectable()
export class SettlementRepository {
  constructor(private readonly database: Database) {}

  known(ids: readonly string[]): Promise<Entry[]> {
    return this.database.rows<Entry>(sql`
      SELECT ${PAYMENT} FROM payments WHERE razorpay_payment_id = ANY(${ids}::text[]) AND status IN ('captured', 'refunded')
      UNION ALL SELECT ${REFUND} FROM refunds WHERE razorpay_refund_id = ANY(${ids}::text[]) AND state = 'processed'`);
  }

  /** Captured or paid out, as far as we know, from the one time to before the other (epoch milliseconds). */
  between(from: number, to: number): Promise<Entry[]> {
    const [start, end] = [new Date(from).toISOString(), new Date(to).toISOString()];
    return this.database.rows<Entry>(sql`
      SELECT ${PAYMENT} FROM payment_effects e JOIN payments ON razorpay_payment_id = e.payment_id
      WHERE e.effect = 'captured' AND e.created_at >= ${start}::timestamptz AND e.created_at < ${end}::timestamptz
        AND razorpay_payment_id LIKE 'pay\\_%'
      UNION ALL SELECT ${REFUND} FROM refunds
      WHERE state = 'processed' AND updated_at >= ${start}::timestamptz AND updated_at < ${end}::timestamptz AND razorpay_refund_id IS NOT NULL`);
  }

  /** The right to check a day that nobody has checked yet, for some minutes. */
  async claimDay(day: string): Promise<boolean> {
    const claimed = await this.database.execute(sql`
      INSERT INTO settlement_days AS known (day, claimed_until) VALUES (${day}, now() + make_interval(secs => ${CLAIM_SECONDS}))
      ON CONFLICT (day) DO UPDATE SET claimed_until = EXCLUDED.claimed_until WHERE known.checked_at IS NULL AND known.claimed_until <= now()`);
    return claimed === 1;
  }

  async noteChecked(day: string, difference: number): Promise<void> {
    await this.database.execute(sql`UPDATE settlement_days SET checked_at = now(), difference = ${difference} WHERE day = ${day}`);
  }

  /** Paise by which the books differed on the last day that was checked, by whichever replica. */
  async lastDifference(): Promise<number | undefined> {
    const last = await this.database.row<{ difference: number }>(
      sql`SELECT difference FROM settlement_days WHERE checked_at IS NOT NULL ORDER BY day DESC LIMIT 1`,
    );
    return last?.difference;
  }
}
