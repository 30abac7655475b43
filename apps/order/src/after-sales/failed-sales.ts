import { Injectable } from '@nestjs/common';
import type { Logger } from '#libs/observability/logger';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectLogger } from '#libs/runtime/core.module';
import { allLeft, shareOf } from './give-back.ts';
import { isCancellable, OrderChanges } from './order-changes.ts';

/** Ends confirmed orders whose stock turned out to be gone. */
@Injectable()
export class FailedSales {
  constructor(
    private readonly changes: OrderChanges,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  /** Cancels all that is left of the order, and its money goes back. No units do: product has none of them. */
  async cancel(transaction: Transaction, orderId: string): Promise<void> {
    const locked = await this.changes.lock(transaction, orderId);
    const { order, items } = locked;
    if (order.status === 'cancelled') return;
    const share = shareOf(items, allLeft(items), order.shipping_fee + order.cod_fee);
    if (!isCancellable(locked) || share === undefined) {
      // It left the shop, so the units were there: whoever counts the stock has to correct it.
      this.logger.error({ orderId, status: order.status }, 'order.sale_failed_late');
      return;
    }
    this.logger.error({ orderId }, 'order.sale_failed');
    const outcome = await this.changes.restockAndRefund(transaction, locked, {
      share,
      kind: 'cancel',
      actor: 'order',
      reason: 'out of stock; the payment goes back',
      restocked: [],
    });
    transaction.afterCommit(() => this.changes.tell(outcome));
  }
}
