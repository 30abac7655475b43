import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Refusal } from '#libs/contracts/errors';
import { Database } from '#libs/persistence/database';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { AccountRepository } from './account.repository.ts';
import { type AuthEnv, authEnv } from './auth.env.ts';
import { type EmailPurpose, EmailTokenRepository } from './email-token.repository.ts';
import { OutgoingMessages } from './outgoing-messages.ts';

const GOOD_FOR_HOURS = 48;
const SECONDS_APART = 60;
const A_DAY = 5;
const DAY_SECONDS = 86_400;

/** The mail with the link that proves an address. It must neither fail nor delay the registration. */
@Injectable()
export class VerificationMail {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountRepository,
    private readonly tokens: EmailTokenRepository,
    private readonly messages: OutgoingMessages,
    @InjectEnvironment(authEnv) private readonly env: AuthEnv,
  ) {}

  /** Leaves once the transaction is committed. */
  async send(transaction: Transaction, user: { id: string; email: string }, purpose: EmailPurpose = 'verify'): Promise<void> {
    const token = randomBytes(24).toString('base64url');
    await this.tokens.keep(transaction, token, user.id, purpose, GOOD_FOR_HOURS);
    this.messages.due(transaction, {
      template: 'email_verification',
      to: user.email,
      userId: user.id,
      secret: token,
      goodForSeconds: GOOD_FOR_HOURS * 3_600,
    });
  }

  /** A fresh mail for an address that is not confirmed yet. Throws `rate_limited` for one too soon or too many. */
  async sendAgain(userId: string): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const user = await this.accounts.holdAlone(transaction, userId);
      if (user === undefined || user.email === null || user.email_verified) return;
      this.bound(await this.tokens.askedFor(transaction, userId));
      await this.send(transaction, { id: userId, email: user.email }, 'verify_again');
    });
  }

  private bound(ages: readonly number[]): void {
    const apart = SECONDS_APART / this.env.RATE_LIMIT_SCALE;
    const aDay = Math.max(1, Math.floor(A_DAY * this.env.RATE_LIMIT_SCALE));
    const [newest, oldest] = [ages[0], ages[aDay - 1]];
    const wait = oldest !== undefined ? DAY_SECONDS - oldest : newest !== undefined ? apart - newest : 0;
    if (wait <= 0) return;
    const seconds = Math.ceil(wait);
    throw new Refusal('rate_limited', 'rate_limited', `Try again in ${seconds} s`, {}, seconds);
  }
}
