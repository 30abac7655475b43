import { Injectable } from '@nestjs/common';
import type { OrderInvoice } from '#libs/contracts/order/views';
import type { Transaction } from '#libs/persistence/transaction';

import { stateOf } from '#libs/places/states';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { financialYear } from '../india-time.ts';
import { type OrderEnv, orderEnv } from '../order.env.ts';
import type { ItemRow, OrderRow } from '../order-row.ts';
import { InvoiceRepository, type Issuing } from './invoice.repository.ts';
import { invoicePaper } from './invoice.ts';

/**
 * Documents are issued last in the transaction of what they document: number and sale commit together or not at all, and the counter,
 * where all sales meet, is held for as short as can be.
 */
@Injectable()
export class Invoices {
  constructor(
    private readonly repository: InvoiceRepository,
    @InjectEnvironment(orderEnv) private readonly env: OrderEnv,
  ) {}

  /** One for each order; a repeat gives the same. */
  async issue(transaction: Transaction, orderId: string, at = new Date()): Promise<OrderInvoice> {
    const order = await this.repository.hold(transaction, orderId);
    if (order === undefined) throw new Error('an invoice is to be issued for an order that is not there');
    return order.invoice ?? this.repository.addInvoice(transaction, this.invoiceOf(order, order.items, at));
  }

  /** What to issue for an order; `InvoiceRepository.issuing` has the statement's parts for it. */
  invoiceOf(order: OrderRow, items: readonly ItemRow[], at = new Date()): Issuing {
    const { SELLER_NAME: name, SELLER_ADDRESS: address, SELLER_GSTIN: gstin } = this.env;
    const state = stateOf(this.env.SELLER_STATE)?.name ?? this.env.SELLER_STATE;
    const { SELLER_CIN: cin, SELLER_PHONE: phone, SELLER_EMAIL: email } = this.env;
    const paper = invoicePaper(order, items, {
      name,
      address,
      gstin,
      state,
      ...(cin === undefined ? {} : { cin }),
      ...(phone === undefined ? {} : { phone }),
      ...(email === undefined ? {} : { email }),
    });
    return { series: `INV/${financialYear(at)}`, at, orderId: order.id, paper };
  }
}
