import { Injectable } from '@nestjs/common';
import { invalid, notFound } from '#libs/contracts/errors';
import { orderApi, type ReceiveReturn } from '#libs/contracts/order/api';
import type { ReceivedUnits, ReturnedItem } from '#libs/contracts/order/views';
import type { Transaction } from '#libs/persistence/transaction';

import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type OrderEnv, orderEnv } from '../order.env.ts';
import { type Share, shareOf, type Units } from './give-back.ts';
import { type LockedOrder, OrderChangesRepository } from './order-changes.repository.ts';
import { OrderChanges, type Outcome, refundable } from './order-changes.ts';

/** Returns of delivered units, from the request to the shelf. Fees are not given back, for the shipping was done. */
@Injectable()
export class Returns {
  constructor(
    private readonly repository: OrderChangesRepository,
    private readonly changes: OrderChanges,
    @InjectEnvironment(orderEnv) private readonly env: OrderEnv,
  ) {}

  async request(transaction: Transaction, locked: LockedOrder, items: readonly ReturnedItem[]): Promise<Outcome> {
    const { order } = locked;
    if (order.status !== 'delivered') throw orderApi.refuse('order.not_returnable', `An order that is ${order.status} cannot be returned`);
    if (order.return_window_closed !== false)
      throw orderApi.refuse('order.return_window_closed', `Returns are taken for ${this.env.RETURN_WINDOW_DAYS} days after delivery`);
    const share = shareOf(locked.items, items, 0);
    if (share === undefined)
      throw orderApi.refuse('order.not_returnable', 'Some of these units are not in the order, or were given back before');
    const amount = Math.min(share.amount, refundable(locked));
    await this.repository.openReturn(transaction, order.id, items, amount);
    const note = [...new Set(items.map(({ reason }) => reason))].join('; ').slice(0, 500);
    const changed = await this.repository.change(transaction, locked, {
      statuses: ['return_requested'],
      actor: 'customer',
      note,
      changesReturns: true,
    });
    return { order: changed, event: 'return_requested', amount };
  }

  /** Books what became of each unit: restocked and scrapped ones are given back, rejected ones stay the customer's. */
  async receive(transaction: Transaction, locked: LockedOrder, { returnId, items, note }: ReceiveReturn): Promise<Outcome> {
    const found = await this.repository.returnOf(transaction, locked.order.id, returnId);
    if (found === undefined) throw notFound();
    if (found.state !== 'open') throw orderApi.refuse('order.return_closed', 'This return is closed already');
    if (!areSameUnits(found.items, items)) throw invalid([{ path: 'items', message: 'must name every unit of the return once' }]);
    const accepted = items.filter(({ outcome }) => outcome !== 'reject');
    if (accepted.length === 0) return this.refuse(transaction, locked, { note, items });
    const restocked = items.filter(({ outcome }) => outcome === 'restock');
    return this.take(transaction, locked, { accepted, restocked, outcomes: items, note });
  }

  /** Restocks and gives back all units of the open return. */
  async takeAll(transaction: Transaction, locked: LockedOrder, note: string | undefined): Promise<Outcome> {
    const { items } = await this.repository.openReturnOf(transaction, locked.order.id);
    return this.take(transaction, locked, { accepted: items, restocked: items, note });
  }

  async refuse(
    transaction: Transaction,
    locked: LockedOrder,
    { note, items }: { readonly note: string | undefined; readonly items?: readonly ReceivedUnits[] },
  ): Promise<Outcome> {
    await this.repository.closeReturn(transaction, locked.order.id, { state: 'refused', amount: 0, outcomes: items });
    const changed = await this.repository.change(transaction, locked, {
      statuses: ['delivered'],
      actor: 'staff',
      note,
      changesReturns: true,
    });
    return { order: changed, event: 'return_refused', amount: 0 };
  }

  private async take(
    transaction: Transaction,
    locked: LockedOrder,
    arrived: {
      readonly accepted: readonly Units[];
      readonly restocked: readonly Units[];
      readonly outcomes?: readonly ReceivedUnits[];
      readonly note: string | undefined;
    },
  ): Promise<Outcome> {
    const share = this.worthOf(locked, arrived.accepted);
    const amount = Math.min(share.amount, refundable(locked));
    await this.repository.closeReturn(transaction, locked.order.id, { state: 'closed', amount, outcomes: arrived.outcomes });
    return this.changes.restockAndRefund(transaction, locked, {
      share,
      kind: 'return',
      actor: 'staff',
      reason: arrived.note ?? 'returned',
      restocked: arrived.restocked,
    });
  }

  private worthOf(locked: LockedOrder, units: readonly Units[]): Share {
    const share = shareOf(locked.items, units, 0);
    if (share === undefined) throw new Error('more units came back than the customer has');
    return share;
  }
}

function areSameUnits(asked: readonly Units[], received: readonly Units[]): boolean {
  const open = new Map<string, number>();
  for (const { itemId, quantity } of asked) open.set(itemId, (open.get(itemId) ?? 0) + quantity);
  for (const { itemId, quantity } of received) open.set(itemId, (open.get(itemId) ?? 0) - quantity);
  return [...open.values()].every((quantity) => quantity === 0);
}
