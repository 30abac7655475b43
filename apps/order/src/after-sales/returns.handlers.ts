import { Injectable } from '@nestjs/common';
import { type Call, userOf } from '#libs/contracts/call';
import type { ReceiveReturn, ReturnOrder } from '#libs/contracts/order/api';
import type { Order } from '#libs/contracts/order/views';
import { OrderRepository } from '../order.repository.ts';
import { OrderChanges } from './order-changes.ts';
import { Returns } from './returns.ts';

@Injectable()
export class ReturnsHandlers {
  constructor(
    private readonly changes: OrderChanges,
    private readonly returns: Returns,
    private readonly orders: OrderRepository,
  ) {}

  async requestReturn({ id, items }: ReturnOrder, call: Call): Promise<Order> {
    const { userId } = userOf(call);
    await this.changes.makeOnce(id, call, async (transaction) =>
      this.returns.request(transaction, await this.changes.lock(transaction, id, userId), items),
    );
    return this.orders.get(id, userId);
  }

  async receiveReturn(input: ReceiveReturn, call: Call): Promise<Order> {
    const { id } = input;
    await this.changes.makeOnce(id, call, async (transaction) =>
      this.returns.receive(transaction, await this.changes.lock(transaction, id), input),
    );
    return this.orders.get(id, undefined);
  }
}
