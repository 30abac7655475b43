import { Injectable } from '@nestjs/common';
import type { DeliveryFilter, PageOfOne } from '#libs/contracts/notification/api';
import type { Delivery, DeliveryPage, DeliveryState } from '#libs/contracts/notification/views';
import { Cursors } from '#libs/persistence/cursor';
import { type DeliveryPage as DeliveryQuestion, type KeptDelivery, NotificationStore } from '../store/notification-store.ts';
import { deliveryOf } from './filing.ts';
import { OutgoingRepository } from './outgoing.repository.ts';

/** What became of messages: those on their way, and those that are filed. */
@Injectable()
export class DeliveryHandlers {
  constructor(
    private readonly outgoing: OutgoingRepository,
    private readonly store: NotificationStore,
    private readonly cursors: Cursors,
  ) {}

  deliveries({ userId, template, channel, state, orderId, ...page }: DeliveryFilter): Promise<DeliveryPage> {
    return this.page({ userId, template, channel, state, orderId }, page);
  }

  deliveriesOf({ id, ...page }: PageOfOne): Promise<DeliveryPage> {
    return this.page({ notificationId: id }, page);
  }

  campaignDeliveries({ id, ...page }: PageOfOne): Promise<DeliveryPage> {
    return this.page({ campaignId: id }, page);
  }

  private async page(
    of: Omit<DeliveryQuestion, 'before' | 'limit'>,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<DeliveryPage> {
    const list = `deliveries ${JSON.stringify(Object.entries(of).sort())}`;
    const before = cursor === undefined ? undefined : String(this.cursors.decode(cursor, list)[0]);
    const live = (await this.outgoing.page({ ...of, before, limit: limit + 1 })).map(deliveryOf);
    const filed = await this.store.deliveries({ ...of, before, limit });
    const end = filed.next;
    const known = new Map<string, KeptDelivery>([...filed.deliveries, ...live].map((one) => [one.id, one]));
    // Of those on their way none that is older than what the store has looked at: they are the next page's.
    const found = [...known.values()].filter(({ id }) => end === undefined || id >= end).sort((a, b) => (a.id < b.id ? 1 : -1));
    const items = found.slice(0, limit);
    const next = found.length > limit ? items.at(-1)?.id : end;
    return { items: items.map(viewOf), nextCursor: next === undefined ? null : this.cursors.encode([next], list) };
  }
}

const viewOf = ({ orderId: _, campaignId, reason, attempts, createdAt, updatedAt, state, ...kept }: KeptDelivery): Delivery => ({
  ...kept,
  // Written by this service alone.
  state: state as DeliveryState,
  ...(campaignId === null ? {} : { campaignId }),
  ...(reason === null ? {} : { reason }),
  attempts: [...attempts],
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});
