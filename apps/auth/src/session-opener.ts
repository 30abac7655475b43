import { Injectable } from '@nestjs/common';
import type { Call } from '#libs/contracts/call';
import type { Transaction } from '#libs/persistence/transaction';
import { AccountRepository, type UserRow } from './account.repository.ts';
import { DeviceRepository } from './device.repository.ts';
import { Journal } from './journal.ts';
import { clientOf, SessionRepository } from './session.repository.ts';
import { type Issued, TokenIssuer } from './token-issuer.ts';

/** How somebody proved who they are. */
export type Proof = 'password' | 'otp';

/** From somebody who is known to a session. */
@Injectable()
export class SessionOpener {
  constructor(
    private readonly accounts: AccountRepository,
    private readonly families: SessionRepository,
    private readonly devices: DeviceRepository,
    private readonly issuer: TokenIssuer,
    private readonly journal: Journal,
  ) {}

  /** To be awaited before the transaction. */
  ready(): Promise<void> {
    return this.issuer.ready();
  }

  /** The first session of an account that was made in this transaction. */
  async openFirst(transaction: Transaction, user: UserRow, call: Call): Promise<Issued> {
    const session = await this.begin(transaction, user, call);
    await this.accounts.note(transaction, 'registered', { userId: user.id, ip: clientOf(call).ip, detail: { sessionId: session.id } });
    transaction.afterCommit(() => this.journal.registered(user.id, session.id));
    return this.issuer.signedIn(transaction, user, session);
  }

  /** `transaction` holds the user, who is not disabled. */
  async open(transaction: Transaction, user: UserRow, by: Proof, call: Call): Promise<Issued> {
    const session = await this.begin(transaction, user, call);
    await this.accounts.note(transaction, 'signed_in', { userId: user.id, ip: clientOf(call).ip, detail: { sessionId: session.id, by } });
    transaction.afterCommit(() => this.journal.signedIn(user.id, session.id));
    return this.issuer.signedIn(transaction, user, session);
  }

  /** Fresh tokens of a session that goes on; undefined when it has ended. */
  async goOn(transaction: Transaction, user: UserRow, sessionId: string): Promise<Issued | undefined> {
    const session = await this.families.holdOpen(transaction, sessionId);
    return session === undefined ? undefined : this.issuer.signedIn(transaction, user, session);
  }

  private async begin(transaction: Transaction, user: UserRow, call: Call) {
    const { device, ip } = clientOf(call);
    const session = await this.families.create(transaction, user.id, device, ip);
    if (call.client?.device !== undefined) await this.devices.seen(transaction, user.id, call.client.device);
    return session;
  }
}
