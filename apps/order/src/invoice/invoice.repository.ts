import { Injectable } from '@nestjs/common';
import type { CreditNote, OrderInvoice } from '#libs/contracts/order/views';
import { Database } from '#libs/persistence/database';
import { type Sql, sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { VISIBLE, WITH_ITEMS } from '../order.repository.ts';
import type { OrderWithItems } from '../order-row.ts';
import type { Paper } from './invoice.ts';

export interface IssuedPaper {
  readonly number: string;
  readonly issuedAt: string;
  readonly paper: Paper;
}
interface PaperRow {
  readonly number: string;
  readonly issued_at: Date;
  readonly document: Paper;
}

/** A document to issue, with the series of its number. */
export interface Issuing {
  readonly series: string;
  readonly at: Date;
  readonly orderId: string;
  readonly paper: Paper;
}

/** Invoices and credit notes: written once, in the transaction of what they document. */
@Injectable()
export class InvoiceRepository {
  constructor(private readonly database: Database) {}

  /** Holds the order until the transaction ends: documents of one order are issued one after the other. */
  async hold(transaction: Transaction, orderId: string): Promise<OrderWithItems | undefined> {
    return transaction.row<OrderWithItems>(sql`SELECT ${WITH_ITEMS} FROM orders WHERE id = ${orderId} FOR NO KEY UPDATE`);
  }

  async addInvoice(transaction: Transaction, invoice: Issuing): Promise<OrderInvoice> {
    const added = await transaction.row<{ invoice: OrderInvoice }>(sql`
      WITH ${this.issuing(invoice, sql``)} UPDATE orders SET invoice = issued.invoice FROM issued WHERE id = ${invoice.orderId} RETURNING orders.invoice`);
    if (added === undefined) throw new Error('an invoice is to be issued for an order that is not there');
    return added.invoice;
  }

  /** The parts of a statement that issue an invoice where `from` has a row; the last, `issued`, has the `invoice` as its order shows it. */
  issuing({ series, at, orderId, paper }: Issuing, from: Sql): Sql {
    return sql`
      counted AS (${counted(series, from)}),
      issued AS (
        INSERT INTO invoices (number, order_id, issued_at, document)
        SELECT number, ${orderId}, ${at}, ${JSON.stringify(paper)}::jsonb FROM counted
        RETURNING jsonb_build_object('number', number, 'issuedAt', ${at.toISOString()}::text) AS invoice)`;
  }

  async addCreditNote(
    transaction: Transaction,
    { series, at, orderId, paper }: Issuing,
    refundId: string | undefined,
  ): Promise<CreditNote> {
    const added = await transaction.row<{ credit_note: CreditNote }>(sql`
      WITH counted AS (${counted(series)}),
      issued AS (
        INSERT INTO credit_notes (number, order_id, refund_id, amount, issued_at, document)
        SELECT number, ${orderId}, ${refundId ?? null}, ${paper.total}, ${at}, ${JSON.stringify(paper)}::jsonb FROM counted RETURNING number)
      UPDATE orders SET credit_notes = credit_notes
        || jsonb_build_object('number', issued.number, 'amount', ${paper.total}::bigint, 'issuedAt', ${at.toISOString()}::text)
      FROM issued WHERE id = ${orderId} RETURNING credit_notes -> -1 AS credit_note`);
    if (added === undefined) throw new Error('a credit note is to be issued for an order that is not there');
    return added.credit_note;
  }

  async invoiceOf(reader: Pick<Database, 'row'>, orderId: string): Promise<IssuedPaper | undefined> {
    return issued(await reader.row<PaperRow>(sql`SELECT number, issued_at, document FROM invoices WHERE order_id = ${orderId}`));
  }

  /** In the order of issue. */
  async creditNotesOf(
    transaction: Transaction,
    orderId: string,
  ): Promise<{ readonly number: string; readonly refund_id: string | null; readonly issued_at: Date; readonly document: Paper }[]> {
    return transaction.rows(
      sql`SELECT number, refund_id, issued_at, document FROM credit_notes WHERE order_id = ${orderId} ORDER BY issued_at, number`,
    );
  }

  async creditNote(orderId: string, number: string): Promise<IssuedPaper | undefined> {
    return issued(
      await this.database.row<PaperRow>(
        sql`SELECT number, issued_at, document FROM credit_notes WHERE order_id = ${orderId} AND number = ${number}`,
      ),
    );
  }

  /** The invoice of a visible order; undefined when there is no such order. `userId`: only that user's. */
  async find(orderId: string, userId: string | undefined): Promise<{ readonly invoice: IssuedPaper | undefined } | undefined> {
    const row = await this.database.row<PaperRow | { number: null }>(sql`
      SELECT invoices.number, issued_at, document FROM orders LEFT JOIN invoices ON order_id = orders.id
      WHERE orders.id = ${orderId} AND ${VISIBLE} ${when(userId !== undefined, () => sql`AND user_id = ${userId}`)}`);
    return row === undefined ? undefined : { invoice: row.number === null ? undefined : issued(row) };
  }
}

/**
 * The next number of a series, `INV/26-27/000001`. The counter's row stays locked until the transaction ends, so the next one waits to learn
 * whether this number is used. From the millionth on the hyphen makes room: GST allows sixteen characters.
 */
const counted = (series: string, from: Sql = sql``): Sql => sql`
  INSERT INTO document_counters (series, last) SELECT ${series}::text, 1 ${from} ON CONFLICT (series) DO UPDATE SET last = document_counters.last + 1
  RETURNING CASE WHEN last < 1000000 THEN series || '/' || lpad(last::text, 6, '0') ELSE replace(series, '-', '') || '/' || last END AS number`;

const issued = (row: PaperRow | undefined): IssuedPaper | undefined =>
  row === undefined ? undefined : { number: row.number, issuedAt: row.issued_at.toISOString(), paper: row.document };
