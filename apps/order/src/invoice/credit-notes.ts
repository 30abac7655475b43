import { Injectable } from '@nestjs/common';
import type { CreditNote } from '#libs/contracts/order/views';
import type { Transaction } from '#libs/persistence/transaction';

import { financialYear } from '../india-time.ts';
import { InvoiceRepository } from './invoice.repository.ts';
import { type Credit, creditPaper } from './invoice.ts';
import { Invoices } from './invoices.ts';

@Injectable()
export class CreditNotes {
  constructor(
    private readonly repository: InvoiceRepository,
    private readonly invoices: Invoices,
  ) {}

  /**
   * One for each refund; a repeat gives the same. None where nothing is credited.
   * @throws Error when the order's credit notes would exceed its invoice, or name units that it has not.
   */
  async issue(transaction: Transaction, credit: Credit, at = new Date()): Promise<CreditNote | undefined> {
    const { orderId, refundId, amount } = credit;
    if (amount === 0) return undefined;
    // Holds the order, and issues the invoice of an order that was sold before there were invoices.
    await this.invoices.issue(transaction, orderId, at);
    const invoice = await this.repository.invoiceOf(transaction, orderId);
    if (invoice === undefined) throw new Error('an invoice was issued and is not there');
    const earlier = await this.repository.creditNotesOf(transaction, orderId);
    const known = refundId === undefined ? undefined : earlier.find(({ refund_id }) => refund_id === refundId);
    if (known !== undefined) return { number: known.number, amount: known.document.total, issuedAt: known.issued_at.toISOString() };
    const paper = creditPaper(
      invoice,
      credit,
      earlier.map(({ document }) => document),
    );
    return this.repository.addCreditNote(transaction, { series: `CRN/${financialYear(at)}`, at, orderId, paper }, refundId);
  }
}
