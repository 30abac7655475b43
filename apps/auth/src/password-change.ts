import { Injectable } from '@nestjs/common';
import type { Revocation } from '#libs/contracts/auth/messages';
import type { Call } from '#libs/contracts/call';
import type { Transaction } from '#libs/persistence/transaction';
import { AccountRepository } from './account.repository.ts';
import { AuditRepository } from './audit.repository.ts';
import { EmailTokenRepository } from './email-token.repository.ts';
import { FactorRepository } from './factor.repository.ts';
import { Journal } from './journal.ts';
import { OutgoingMessages } from './outgoing-messages.ts';
import { clientOf } from './session.repository.ts';
import { SessionEnds } from './session-ends.ts';

/** A new password and what follows from it. */
@Injectable()
export class PasswordChange {
  constructor(
    private readonly accounts: AccountRepository,
    private readonly audits: AuditRepository,
    private readonly tokens: EmailTokenRepository,
    private readonly factors: FactorRepository,
    private readonly ends: SessionEnds,
    private readonly messages: OutgoingMessages,
    private readonly journal: Journal,
  ) {}

  /** `ended`: the sessions that the transaction has ended for it. The transaction holds the user alone. */
  async make(
    transaction: Transaction,
    change: { userId: string; passwordHash: string; reason: 'changed' | 'reset'; ended: readonly Revocation[]; call: Call },
  ): Promise<void> {
    const { userId, passwordHash, reason, ended, call } = change;
    await this.accounts.setPassword(transaction, userId, passwordHash);
    await this.tokens.closeResets(transaction, userId);
    await this.factors.endChallengesOf(transaction, userId);
    await this.audits.note(transaction, `password_${reason}`, { userId, ip: clientOf(call).ip });
    await this.ends.tell(transaction, ended, { userId, action: `password_${reason}`, call });
    this.messages.notice(transaction, userId, 'password_changed');
    transaction.afterCommit(() => this.journal.passwordChanged(userId, reason));
  }
}
