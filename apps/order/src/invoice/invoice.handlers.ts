import { Injectable } from '@nestjs/common';
import { type Call, isStaff, userOf } from '#libs/contracts/call';
import type { ByteAnswer } from '#libs/contracts/contract';
import { notFound } from '#libs/contracts/errors';
import { type InvoiceOf, orderApi } from '#libs/contracts/order/api';
import { InvoiceRepository } from './invoice.repository.ts';
import { InvoicePrinter } from './invoice-printer.ts';

@Injectable()
export class InvoiceHandlers {
  constructor(
    private readonly papers: InvoiceRepository,
    private readonly printer: InvoicePrinter,
  ) {}

  /** Printed anew each time, from what was kept: the same bytes. */
  async invoice({ id, creditNote }: InvoiceOf, call: Call): Promise<ByteAnswer> {
    const found = await this.papers.find(id, isStaff(call.actor) ? undefined : userOf(call).userId);
    if (found === undefined) throw notFound();
    if (found.invoice === undefined) throw orderApi.refuse('order.not_invoiced', 'There is an invoice once the order is confirmed');
    const paper = creditNote === undefined ? found.invoice : await this.papers.creditNote(id, creditNote);
    if (paper === undefined) throw notFound();
    return {
      body: await this.printer.print(paper),
      mime: 'application/pdf',
      maxAge: 0,
      fileName: `${paper.number.replaceAll('/', '-')}.pdf`,
    };
  }
}
