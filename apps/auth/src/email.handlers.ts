import { Injectable } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import type { VerifyEmail } from '#libs/contracts/auth/credentials';
import { type Call, userOf } from '#libs/contracts/call';
import { Database } from '#libs/persistence/database';
import { AccountRepository } from './account.repository.ts';
import { publishContactVerified } from './account-events.ts';
import { EmailTokenRepository } from './email-token.repository.ts';
import { Journal } from './journal.ts';
import { VerificationMail } from './verification-mail.ts';

/** Proving that an e-mail address is one's own. */
@Injectable()
export class EmailHandlers {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountRepository,
    private readonly tokens: EmailTokenRepository,
    private readonly mail: VerificationMail,
    private readonly journal: Journal,
  ) {}

  /** A link may be opened again while it is good: mail programs do so before their readers. */
  async verifyEmail({ token }: VerifyEmail): Promise<void> {
    const userId = await this.tokens.userOf(token);
    if (userId === undefined) throw authApi.refuse('auth.bad_link', 'This link is not good any more; ask for a fresh mail');
    await this.database.transaction(async (transaction) => {
      if (!(await this.accounts.confirmEmail(transaction, userId))) return;
      publishContactVerified(transaction, userId, 'email');
      transaction.afterCommit(() => this.journal.emailConfirmed(userId));
    });
  }

  async resendEmail(_input: object, call: Call): Promise<object> {
    await this.mail.sendAgain(userOf(call).userId);
    return {};
  }
}
