import { Injectable } from '@nestjs/common';
import { chatApi } from '#libs/contracts/chat/api';
import type { SendMessage } from '#libs/contracts/chat/inputs';
import { notFound } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import { productApi } from '#libs/contracts/product/api';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import type { OwnRoom } from '../threads/thread-access.ts';
import { Attachments } from './attachments.ts';
import type { Content } from './content.ts';

/** What a message carries beside its text: it is there, and its sender may show it. */
@Injectable()
export class Enclosures {
  constructor(
    private readonly attachments: Attachments,
    @InjectPeer(productApi) private readonly product: Peer<typeof productApi>,
    @InjectPeer(orderApi) private readonly order: Peer<typeof orderApi>,
  ) {}

  async of(input: SendMessage, { thread, me }: OwnRoom, messageId: string): Promise<Content> {
    const { body = '', attachments, productId, orderId } = input;
    if (orderId !== undefined) await this.checkOrder(orderId, thread.customer_id);
    if (productId !== undefined) await this.checkProduct(productId);
    const files = attachments === undefined ? undefined : await this.attachments.claim(me.user_id, attachments, messageId);
    return {
      body,
      ...(files === undefined ? {} : { attachments: files }),
      ...(productId === undefined ? {} : { productId }),
      ...(orderId === undefined ? {} : { orderId }),
    };
  }

  private async checkOrder(orderId: string, customerId: string | null): Promise<void> {
    if (customerId === null) throw chatApi.refuse('chat.card_not_allowed', 'Orders are shown to the support alone');
    await this.order.view({ orderId, userId: customerId });
  }

  private async checkProduct(productId: string): Promise<void> {
    const { items } = await this.product.cards({ refs: [{ productId }] });
    if (items.length === 0) throw notFound();
  }
}
