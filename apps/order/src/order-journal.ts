import { Injectable } from '@nestjs/common';
import type { Logger } from '#libs/observability/logger';
import { InjectLogger } from '#libs/runtime/core.module';
import { ordersConfirmed, ordersExpired, ordersPlaced, paiseSold } from './order.metrics.ts';
import type { OrderRow } from './order-row.ts';

/** What happens to orders, as the log and the counters tell it. */
export type OrderEvent =
  | 'placed'
  | 'paid'
  | 'confirmed'
  | 'cancelled'
  | 'partly_cancelled'
  | 'expired'
  | 'packed'
  | 'shipped'
  | 'out_for_delivery'
  | 'delivered'
  | 'return_requested'
  | 'return_refused'
  | 'returned'
  | 'returned_to_origin'
  | 'refund_asked';

/** Leaves one log line for each business event: ids and paise, nothing personal. */
@Injectable()
export class OrderJournal {
  constructor(@InjectLogger() private readonly logger: Logger) {}

  /** `amount`: paise that the event is about; the order's total unless given. */
  note(event: OrderEvent, order: OrderRow, { amount = order.total, refundId }: { amount?: number; refundId?: string } = {}): void {
    const { id, number, user_id, payment_method } = order;
    this.logger.info(
      { orderId: id, number, userId: user_id, paymentMethod: payment_method, amount, ...(refundId === undefined ? {} : { refundId }) },
      `order.${event}`,
    );
    if (event === 'placed') ordersPlaced.inc({ payment_method });
    else if (event === 'expired') ordersExpired.inc({ payment_method });
    else if (event === 'confirmed') {
      ordersConfirmed.inc({ payment_method });
      paiseSold.inc({ payment_method }, order.total);
    }
  }
}
