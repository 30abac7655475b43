import { Injectable } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import type { Call } from '#libs/contracts/call';
import { Signals } from '#libs/messaging/signals';
import type { Transaction } from '#libs/persistence/transaction';
import { Rounds } from '#libs/runtime/rounds';
import { AccountRepository, type UserRow } from './account.repository.ts';
import { AuditRepository } from './audit.repository.ts';
import { ErasureRepository } from './erasure.repository.ts';
import { Journal } from './journal.ts';
import { clientOf, SessionRepository } from './session.repository.ts';
import { SessionEnds } from './session-ends.ts';

const LOOK_MS = 5_000;

/** Erases an account: here at once, elsewhere by an event that every service answers when it has done its part. */
@Injectable()
export class AccountEraser {
  constructor(
    private readonly accounts: AccountRepository,
    private readonly erasures: ErasureRepository,
    private readonly sessions: SessionRepository,
    private readonly ends: SessionEnds,
    private readonly audits: AuditRepository,
    private readonly signals: Signals,
    private readonly journal: Journal,
    rounds: Rounds,
  ) {
    rounds.every('auth.complete_erasures', LOOK_MS, () => this.noteComplete());
  }

  /** The user, for this transaction alone; nobody gives or takes the role of admin meanwhile. */
  hold(transaction: Transaction, userId: string): Promise<UserRow | undefined> {
    return this.accounts.holdAmongAdmins(transaction, userId);
  }

  /** Throws `auth.last_admin`. */
  async erase(transaction: Transaction, user: UserRow, erasureId: string, call: Call): Promise<void> {
    if (await this.accounts.isLastAdmin(transaction, user)) throw authApi.refuse('auth.last_admin', 'The last admin cannot be erased');
    const ended = await this.sessions.end(transaction, user.id, 'all');
    await this.ends.tell(transaction, ended, { userId: user.id, action: 'account_erased', call });
    const revocation = await this.sessions.cutOffUser(transaction, user.id);
    await this.audits.note(transaction, 'erased', { userId: user.id, actorId: user.id, ip: clientOf(call).ip });
    transaction.publish(authApi.events.erased, { userId: user.id, at: new Date().toISOString() });
    const told = transaction.published.filter(({ row }) => row.event === authApi.events.erased.key);
    await this.erasures.begin(
      transaction,
      erasureId,
      user.id,
      told.map(({ row }) => row.id),
    );
    await this.erasures.removeAccount(transaction, user.id, user.phone);
    transaction.afterCommit(() => {
      this.signals.send(authApi.signals.revoked, revocation);
      this.journal.erased(user.id, erasureId);
    });
  }

  async noteComplete(): Promise<void> {
    for (const { id, seconds } of await this.erasures.complete()) this.journal.erasureCompleted(id, seconds);
  }
}
