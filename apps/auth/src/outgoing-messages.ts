import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import type { Logger } from '#libs/observability/logger';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { InjectLogger, InjectSettings } from '#libs/runtime/core.module';
import { keepInDevInbox } from '#libs/runtime/dev-inbox';
import { publicUrl, type Settings } from '#libs/runtime/settings';
import { AccountRepository } from './account.repository.ts';
import { type AuthEnv, authEnv } from './auth.env.ts';
import { LIMITS_REDIS } from './sign-in-limits.ts';

export interface DueMessage {
  readonly template: 'otp' | 'email_verification' | 'password_reset';
  /** A mail address, or a phone number for `otp`. */
  readonly to: string;
  readonly userId?: string;
  /** The code or token: what it opens is its reader's. */
  readonly secret: string;
  readonly goodForSeconds: number;
}

export type Notice = 'password_changed' | 'session_replay';

const NOTICES: Readonly<Record<Notice, { subject: string; text: string }>> = {
  password_changed: {
    subject: 'Your password was changed',
    text: 'The password of your account was changed. If that was not you, ask for a new one on the sign-in page.',
  },
  session_replay: {
    subject: 'Someone used an old session',
    text: 'Someone used an old session of yours: a sign-in was used from two places. We have ended it on both. If that was not you, change your password.',
  },
};

/** What auth has to say to people. */
@Injectable()
export class OutgoingMessages {
  constructor(
    @Inject(LIMITS_REDIS) private readonly redis: Redis,
    private readonly accounts: AccountRepository,
    @InjectEnvironment(authEnv) private readonly env: AuthEnv,
    @InjectSettings() private readonly settings: Settings,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  /** A message that carries a code or a link; leaves once the transaction is committed. */
  async due(transaction: Transaction, message: DueMessage): Promise<void> {
    const { subject, text } = this.textOf(message);
    const channel = message.template === 'otp' ? 'sms' : 'mail';
    transaction.afterCommit(() => this.deliver({ channel, to: message.to, subject, text }));
  }

  /** Tells a user what happened to their account. */
  async notice(transaction: Transaction, userId: string, notice: Notice): Promise<void> {
    const user = await this.accounts.hold(transaction, userId);
    const email = user?.email;
    if (email != null) transaction.afterCommit(() => this.deliver({ channel: 'mail', to: email, ...NOTICES[notice] }));
  }

  private textOf({ template, secret, goodForSeconds }: DueMessage): { subject: string; text: string } {
    const hours = `The link is good for ${Math.round(goodForSeconds / 3_600)} hours.`;
    switch (template) {
      case 'otp':
        return { subject: 'Your code', text: `${secret} is your code for Only2U.` };
      case 'email_verification':
        return {
          subject: 'Confirm your e-mail address',
          text: `Confirm your e-mail address for Only2U:\n${this.linkTo(this.env.EMAIL_LINK_URL, '/verify-email', secret)}\n\n${hours}`,
        };
      case 'password_reset':
        return {
          subject: 'Set a new password',
          text: `Set a new password for Only2U:\n${this.linkTo(this.env.PASSWORD_LINK_URL, '/reset-password', secret)}\n\n${hours}`,
        };
    }
  }

  private linkTo(page: string | undefined, path: string, token: string): string {
    const link = new URL(page ?? `${publicUrl(this.settings)}${path}`);
    link.searchParams.set('token', token);
    return link.href;
  }

  private deliver(message: { channel: 'mail' | 'sms'; to: string; subject: string; text: string }): void {
    keepInDevInbox(this.redis, message).catch((error: unknown) => this.logger.warn({ err: error }, 'mail.not_sent'));
  }
}
