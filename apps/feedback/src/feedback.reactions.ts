import { Injectable } from '@nestjs/common';
import type { AccountChanged, AccountErased } from '#libs/contracts/auth/messages';
import type { FeedbackUnsubscribed } from '#libs/contracts/notification/messages';
import type { TransactionalDelivery } from '#libs/runtime/handlers';
import { Attachments } from './attachments.ts';
import { ErasureRepository } from './erasure.repository.ts';
import { worksHere } from './feedback-changes.ts';
import { PeopleRepository } from './people.repository.ts';
import { StaffRepository } from './staff.repository.ts';

@Injectable()
export class FeedbackReactions {
  constructor(
    private readonly staff: StaffRepository,
    private readonly people: PeopleRepository,
    private readonly erasure: ErasureRepository,
    private readonly attachments: Attachments,
  ) {}

  /** What was assigned to somebody who is no staff any more is nobody's. */
  async onAuthAccountChanged(account: AccountChanged, { transaction }: TransactionalDelivery): Promise<void> {
    const { userId, version } = account;
    if ((await this.staff.hear(transaction, userId, version)) && !worksHere(account)) await this.staff.release(transaction, userId);
  }

  /** Their words and votes go, and what is left is nobody's. */
  async onAuthErased({ userId }: AccountErased, { transaction }: TransactionalDelivery): Promise<void> {
    await this.erasure.note(transaction, userId);
    // No news of their roles comes after this.
    await this.staff.hear(transaction, userId, Number.MAX_SAFE_INTEGER);
    await this.staff.release(transaction, userId);
    await this.people.lock(transaction, (await this.erasure.about(transaction, userId)).counted);
    // While these waited for their locks, some may have been merged; from here on they stay where they are.
    const { own, counted } = await this.erasure.about(transaction, userId);
    await this.people.lock(transaction, counted);
    for (const { id } of await this.erasure.blank(transaction, own)) this.attachments.release(transaction, { id, userId });
    await this.erasure.forgetVoter(transaction, userId);
    for (const id of counted) await this.people.recount(transaction, id);
  }

  /** The link in a mail said so. */
  async onNotificationUnsubscribed({ feedbackId, userId }: FeedbackUnsubscribed, { transaction }: TransactionalDelivery): Promise<void> {
    this.people.unsubscribe(transaction, feedbackId, userId);
  }
}
