import { Injectable } from '@nestjs/common';
import type { MessageDue, SecurityNoticed } from '#libs/contracts/auth/messages';
import type { TransactionalDelivery } from '#libs/runtime/handlers';
import { Announcer } from './announcer.ts';

/** From what happened elsewhere to what is told: a service that comes later adds its event here and a line to `causes.ts`. */
@Injectable()
export class NotificationReactions {
  constructor(private readonly announcer: Announcer) {}

  async onAuthMessageDue(due: MessageDue, { transaction }: TransactionalDelivery): Promise<void> {
    const { messageId, template, userId, to, sealed, expiresAt } = due;
    this.announcer.announce(transaction, { id: messageId, template, userId, secret: { address: to, sealed, expiresAt } });
  }

  async onAuthSecurityNoticed({ userId, template, at }: SecurityNoticed, { transaction }: TransactionalDelivery): Promise<void> {
    this.announcer.announce(transaction, { template, userId, variables: { at } });
  }
}
