import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { authApi } from '#libs/contracts/auth/api';
import { type Call, userOf } from '#libs/contracts/call';
import type { Transaction } from '#libs/persistence/transaction';
import { AccountRepository, type UserRow } from './account.repository.ts';
import { publishContactVerified } from './account-events.ts';
import { AuditRepository } from './audit.repository.ts';
import { DeviceRepository } from './device.repository.ts';
import { RECYCLED_AFTER_DAYS } from './one-time-code.ts';
import { clientOf, SessionRepository } from './session.repository.ts';

const UNNAMED = 'Customer';

/** Whose account a number opens, now that somebody has proved that it is theirs. */
@Injectable()
export class PhoneAccounts {
  constructor(
    private readonly accounts: AccountRepository,
    private readonly audits: AuditRepository,
    private readonly devices: DeviceRepository,
    private readonly sessions: SessionRepository,
  ) {}

  /** The account that has proved this number, or a new customer; undefined for a disabled one. */
  async enter(
    transaction: Transaction,
    phone: string,
    name: string | undefined,
    call: Call,
  ): Promise<{ user: UserRow; isNew: boolean } | undefined> {
    const owner = await this.accounts.holdByPhone(transaction, phone);
    if (owner?.disabled === true) return undefined;
    if (owner !== undefined && !(await this.mayBeRecycled(transaction, owner, call))) {
      await this.accounts.provePhone(transaction, owner.id, phone);
      return { user: owner, isNew: false };
    }
    if (owner !== undefined) await this.release(transaction, owner, call);
    const user = await this.accounts.createByPhone(transaction, { id: uuidv7(), name: name ?? UNNAMED, phone });
    publishContactVerified(transaction, user.id, 'phone');
    return { user, isNew: true };
  }

  /** Gives the number to the caller; undefined when their session has ended. Throws `auth.phone_taken` while another account uses it. */
  async attach(transaction: Transaction, phone: string, call: Call): Promise<UserRow | undefined> {
    const { userId, sessionId } = userOf(call);
    const user = await this.accounts.holdAlone(transaction, userId);
    if (user === undefined || user.disabled || (await this.sessions.holdOpen(transaction, sessionId)) === undefined) return undefined;
    const owner = await this.accounts.holdByPhone(transaction, phone);
    if (owner !== undefined && owner.id !== userId) {
      if (!isStale(owner)) throw phoneTaken();
      await this.release(transaction, owner, call);
    }
    if (owner?.id !== userId) {
      publishContactVerified(transaction, userId, 'phone');
      await this.audits.note(transaction, 'phone_attached', { userId, actorId: userId, ip: clientOf(call).ip });
    }
    return this.accounts.provePhone(transaction, userId, phone);
  }

  /** A number that nobody has proved for so long may have a new owner; the old one is known by their device. */
  private async mayBeRecycled(transaction: Transaction, owner: UserRow, call: Call): Promise<boolean> {
    const device = call.client?.device;
    return isStale(owner) && (device === undefined || !(await this.devices.knows(transaction, owner.id, device)));
  }

  /** The account loses its number. */
  async release(transaction: Transaction, owner: Pick<UserRow, 'id'>, call: Call): Promise<void> {
    await this.accounts.releasePhone(transaction, owner.id);
    await this.audits.note(transaction, 'phone_released', { userId: owner.id, ip: clientOf(call).ip });
  }
}

const isStale = ({ phone_proved_at }: UserRow): boolean =>
  phone_proved_at === null || phone_proved_at.getTime() < Date.now() - RECYCLED_AFTER_DAYS * 86_400_000;

const phoneTaken = (): Error => authApi.refuse('auth.phone_taken', 'Another account uses this number; sign in to it with a code instead');
