import { Injectable } from '@nestjs/common';
import type { ExportAsked, ExportPart } from '#libs/contracts/export';
import { OrderRepository } from './order.repository.ts';

const ORDERS_A_PAGE = 50;

/** What this service has of somebody: their orders. */
@Injectable()
export class ExportHandlers {
  constructor(private readonly orders: OrderRepository) {}

  async exportOf({ userId, cursor }: ExportAsked): Promise<ExportPart> {
    const { items, nextCursor } = await this.orders.history(userId, undefined, ORDERS_A_PAGE, cursor);
    return { content: JSON.stringify(items), next: nextCursor };
  }
}
