import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { authApi } from '#libs/contracts/auth/api';
import type { AuthMessage, SecurityNotice } from '#libs/contracts/auth/messages';
import { SecretTexts } from '#libs/messaging/secret-texts';
import type { Transaction } from '#libs/persistence/transaction';

export interface DueMessage {
  readonly template: AuthMessage;
  /** A mail address, or a phone number for `otp`. */
  readonly to: string;
  readonly userId?: string;
  /** The code or token: what it opens is its reader's. */
  readonly secret: string;
  readonly goodForSeconds: number;
}

/** What auth has to say to people; notification words and sends it. */
@Injectable()
export class OutgoingMessages {
  constructor(private readonly secrets: SecretTexts) {}

  /** A message that carries a code or a link; leaves once the transaction is committed. */
  due(transaction: Transaction, { template, to, userId, secret, goodForSeconds }: DueMessage): void {
    const messageId = uuidv7();
    transaction.publish(authApi.events.messageDue, {
      ...{ messageId, template, channel: template === 'otp' ? 'sms' : 'email', to, ...(userId === undefined ? {} : { userId }) },
      sealed: this.secrets.close(messageId, secret),
      expiresAt: new Date(Date.now() + goodForSeconds * 1_000).toISOString(),
    });
  }

  /** Tells a user what happened to their account. */
  notice(transaction: Transaction, userId: string, template: SecurityNotice): void {
    transaction.publish(authApi.events.securityNoticed, { userId, template, at: new Date().toISOString() });
  }
}
