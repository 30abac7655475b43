import { Injectable } from '@nestjs/common';
import type { MessageCard } from '#libs/contracts/chat/views';
import { orderApi } from '#libs/contracts/order/api';
import { productApi } from '#libs/contracts/product/api';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import type { Content } from './content.ts';

const PRODUCTS_AT_ONCE = 200;

/** Products and orders that messages show, as they are now. What is gone, or cannot be asked for, has no card. */
@Injectable()
export class Cards {
  constructor(
    @InjectPeer(productApi) private readonly product: Peer<typeof productApi>,
    @InjectPeer(orderApi) private readonly order: Peer<typeof orderApi>,
  ) {}

  /** By the id of their product or order. */
  async of(contents: readonly Content[]): Promise<ReadonlyMap<string, MessageCard>> {
    const productIds = [...new Set(contents.flatMap(({ productId }) => productId ?? []))];
    const orderIds = [...new Set(contents.flatMap(({ orderId }) => orderId ?? []))];
    const [products, orders] = await Promise.all([this.products(productIds), Promise.all(orderIds.map((id) => this.orderOf(id)))]);
    return new Map([...products, ...orders.flatMap((card) => (card?.orderId === undefined ? [] : [[card.orderId, card] as const]))]);
  }

  private async products(ids: readonly string[]): Promise<[string, MessageCard][]> {
    if (ids.length === 0) return [];
    const refs = ids.slice(0, PRODUCTS_AT_ONCE).map((productId) => ({ productId }));
    const { items } = await this.product.cards({ refs }).catch(() => ({ items: [] }));
    return items.map(({ productId, slug, name, image, price, mrp, availability }) => [
      productId,
      { productId, slug, name, image, price, mrp, availability },
    ]);
  }

  private async orderOf(orderId: string): Promise<MessageCard | undefined> {
    const order = await this.order.view({ orderId, userId: null }).catch(() => undefined);
    if (order === undefined) return undefined;
    const { number, status, paymentStatus, total } = order;
    return { orderId, number, status, paymentStatus, total };
  }
}
