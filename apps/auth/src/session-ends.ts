import { Injectable } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import type { Revocation } from '#libs/contracts/auth/messages';
import type { Call } from '#libs/contracts/call';
import { Signals } from '#libs/messaging/signals';
import type { Transaction } from '#libs/persistence/transaction';
import { publishSessionEnded } from './account-events.ts';
import { AuditRepository } from './audit.repository.ts';
import { Journal } from './journal.ts';
import { clientOf } from './session.repository.ts';
import { TrustPublisher } from './trust.publisher.ts';

/** Tells whoever must know that sessions are over: the audit log, and once that is committed every process. */
@Injectable()
export class SessionEnds {
  constructor(
    private readonly audits: AuditRepository,
    private readonly signals: Signals,
    private readonly journal: Journal,
    private readonly trust: TrustPublisher,
  ) {}

  /** `ended` is what the repository answered in this transaction; `action` names the cause in the audit log. */
  async tell(
    transaction: Transaction,
    ended: readonly Revocation[],
    { userId, action, call }: { userId: string; action: string; call: Call },
  ): Promise<void> {
    if (ended.length === 0) return;
    const actorId = call.actor.kind === 'user' ? { actorId: call.actor.userId } : {};
    const details = ended.map(({ id }) => ({ sessionId: id }));
    await this.audits.noteEach(transaction, action, { userId, ...actorId, ip: clientOf(call).ip }, details);
    publishSessionEnded(
      transaction,
      userId,
      ended.map(({ id }) => id),
    );
    transaction.afterCommit(() => {
      for (const revocation of ended) {
        this.signals.send(authApi.signals.revoked, revocation);
        this.journal.sessionEnded(userId, revocation.id, action);
      }
      this.trust.changed();
    });
  }
}
