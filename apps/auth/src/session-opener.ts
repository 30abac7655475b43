import { Injectable } from '@nestjs/common';
import type { Call } from '#libs/contracts/call';
import type { Transaction } from '#libs/persistence/transaction';
import type { UserRow } from './account.repository.ts';
import { publishDeviceSeen, publishRegistered } from './account-events.ts';
import { AuditRepository } from './audit.repository.ts';
import { ConsentRepository } from './consent.repository.ts';
import { DeviceRepository } from './device.repository.ts';
import { CHALLENGE_SECONDS, FactorRepository } from './factor.repository.ts';
import { Journal } from './journal.ts';
import { OutgoingMessages } from './outgoing-messages.ts';
import { clientOf, SessionRepository, type SessionRow } from './session.repository.ts';
import { SessionEnds } from './session-ends.ts';
import { StaffFactor } from './staff-factor.ts';
import { type FactorAsked, type Issued, TokenIssuer } from './token-issuer.ts';

/** How somebody proved who they are. */
export type Proof = 'password' | 'otp';

/** From somebody who is known to a session. */
@Injectable()
export class SessionOpener {
  constructor(
    private readonly audits: AuditRepository,
    private readonly consents: ConsentRepository,
    private readonly families: SessionRepository,
    private readonly ends: SessionEnds,
    private readonly devices: DeviceRepository,
    private readonly factors: FactorRepository,
    private readonly staff: StaffFactor,
    private readonly issuer: TokenIssuer,
    private readonly messages: OutgoingMessages,
    private readonly journal: Journal,
  ) {}

  /** To be awaited before the transaction. */
  ready(): Promise<void> {
    return this.issuer.ready();
  }

  /** The first session of an account that was made in this transaction. */
  async openFirst(transaction: Transaction, user: UserRow, call: Call, referralCode?: string): Promise<Issued> {
    publishRegistered(transaction, user.id, { referralCode, deviceId: call.client?.device });
    await this.consents.note(transaction, { userId: user.id, purpose: 'account', granted: true, ip: clientOf(call).ip });
    const session = await this.begin(transaction, user, false, call);
    await this.audits.note(transaction, 'registered', { userId: user.id, ip: clientOf(call).ip, detail: { sessionId: session.id } });
    transaction.afterCommit(() => this.journal.registered(user.id, session.id));
    return this.issuer.signedIn(transaction, user, session);
  }

  /** A session, or a question for the second factor where the user has one. `transaction` holds the user, who is not disabled. */
  async open(transaction: Transaction, user: UserRow, by: Proof, call: Call): Promise<Issued | FactorAsked> {
    const mfaMethods = await this.staff.askedOf(transaction, user);
    if (mfaMethods.length === 0) return this.openKnown(transaction, user, by, false, call);
    const mfaToken = await this.factors.challenge(transaction, user.id, by);
    return { mfaRequired: true, mfaToken, mfaMethods, expiresIn: CHALLENGE_SECONDS };
  }

  /** A session of somebody who has given two factors. `by` names them. */
  openStrong(transaction: Transaction, user: UserRow, by: string, call: Call): Promise<Issued> {
    return this.openKnown(transaction, user, by, true, call);
  }

  /** Fresh tokens of a session that goes on; undefined when it has ended. */
  async goOn(transaction: Transaction, user: UserRow, sessionId: string): Promise<Issued | undefined> {
    const session = await this.families.holdOpen(transaction, sessionId);
    return session === undefined ? undefined : this.issuer.signedIn(transaction, user, session);
  }

  private async openKnown(transaction: Transaction, user: UserRow, by: string, isStrong: boolean, call: Call): Promise<Issued> {
    if (await this.families.isNewAgent(transaction, user.id, clientOf(call).device))
      this.messages.notice(transaction, user.id, 'new_sign_in');
    const session = await this.begin(transaction, user, isStrong, call);
    await this.audits.note(transaction, 'signed_in', { userId: user.id, ip: clientOf(call).ip, detail: { sessionId: session.id, by } });
    transaction.afterCommit(() => this.journal.signedIn(user.id, session.id));
    return this.issuer.signedIn(transaction, user, session);
  }

  private async begin(transaction: Transaction, user: UserRow, isStrong: boolean, call: Call): Promise<SessionRow> {
    const session = await this.families.create(transaction, { userId: user.id, ...clientOf(call), isStrong });
    await this.ends.tell(transaction, await this.families.endStalest(transaction, user.id), {
      userId: user.id,
      action: 'session_displaced',
      call,
    });
    const deviceId = call.client?.device;
    if (deviceId !== undefined && (await this.devices.seen(transaction, user.id, deviceId)))
      publishDeviceSeen(transaction, user.id, deviceId);
    return session;
  }
}
