import { Injectable } from '@nestjs/common';
import type { ExportAsked, ExportPart } from '#libs/contracts/export';
import { PaymentRepository } from './payment.repository.ts';

const ORDERS_A_PAGE = 20;

/** What this service has of somebody: what they paid, and what went back to them. */
@Injectable()
export class ExportHandlers {
  constructor(private readonly payments: PaymentRepository) {}

  async exportOf({ userId, cursor }: ExportAsked): Promise<ExportPart> {
    const orderIds = await this.payments.ordersOf(userId, cursor, ORDERS_A_PAGE);
    const items = await Promise.all(
      orderIds.map(async (orderId) => {
        const { userId: _, ...money } = await this.payments.view(orderId);
        return { orderId, ...money };
      }),
    );
    return { content: JSON.stringify(items), next: orderIds.length < ORDERS_A_PAGE ? null : (orderIds.at(-1) ?? null) };
  }
}
