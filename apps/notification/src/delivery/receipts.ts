import { Injectable } from '@nestjs/common';
import type { Channel } from '#libs/contracts/notification/views';
import { CampaignRepository } from '../campaigns/campaign.repository.ts';
import { NotificationStore } from '../store/notification-store.ts';
import { OutgoingRepository } from './outgoing.repository.ts';

export type Receipt = 'delivered' | 'failed' | 'bounced';

/** The notification's id before the `@`, in angle brackets or without. */
const MESSAGE_ID = /^<?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@/;
/** A receipt follows a hand-over; what a provider says of a message that ended otherwise is not believed. */
const OPEN = ['sending', 'sent', 'unknown'];

/** Books what a provider says became of a message that it took. */
@Injectable()
export class Receipts {
  constructor(
    private readonly outgoing: OutgoingRepository,
    private readonly store: NotificationStore,
    private readonly campaigns: CampaignRepository,
  ) {}

  async ofMail(messageId: string, receipt: Receipt): Promise<void> {
    const notificationId = MESSAGE_ID.exec(messageId)?.[1];
    if (notificationId !== undefined) await this.book(notificationId, 'email', receipt);
  }

  async ofSms(providerId: string, receipt: Receipt): Promise<void> {
    const notificationId = await this.outgoing.notificationOf(providerId);
    if (notificationId !== undefined) await this.book(notificationId, 'sms', receipt);
  }

  private async book(notificationId: string, channel: Channel, receipt: Receipt): Promise<void> {
    if (await this.outgoing.receive(notificationId, channel, OPEN, receipt)) return;
    const { deliveries } = await this.store.deliveries({ notificationId, channel, limit: 1 });
    const [filed] = deliveries;
    if (filed === undefined || !OPEN.includes(filed.state)) return;
    const isFirst = await this.store.settle(filed, receipt);
    if (isFirst && filed.campaignId !== null) await this.campaigns.moveCount(filed.campaignId, filed.state, receipt);
  }
}
