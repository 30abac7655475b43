import { authApi } from '#libs/contracts/auth/api';
import { withoutInvisible } from '#libs/contracts/spellings';
import type { Transaction } from '#libs/persistence/transaction';
import type { UserRow } from './account.repository.ts';

/** What other services hear of an account, in the transaction that makes it true. */

const now = (): string => new Date().toISOString();

/** As long as a code may be. */
const MAX_CODE = 40;

export function publishRegistered(
  transaction: Transaction,
  userId: string,
  { referralCode, deviceId }: { referralCode: string | undefined; deviceId: string | undefined },
): void {
  const code = withoutInvisible(referralCode ?? '').trim();
  transaction.publish(authApi.events.registered, {
    ...{ userId, at: now() },
    // What cannot be a code spoils nothing.
    ...(code === '' || code.length > MAX_CODE ? {} : { referralCode: code }),
    ...(deviceId === undefined ? {} : { deviceId }),
  });
}

export function publishContactVerified(transaction: Transaction, userId: string, kind: 'email' | 'phone'): void {
  transaction.publish(authApi.events.contactVerified, { userId, kind, at: now() });
}

export function publishDeviceSeen(transaction: Transaction, userId: string, deviceId: string): void {
  transaction.publish(authApi.events.deviceSeen, { userId, deviceId, at: now() });
}

export function publishAccountChanged(transaction: Transaction, { id, roles, disabled, version }: UserRow): void {
  transaction.publish(authApi.events.accountChanged, { userId: id, roles, disabled, version, at: now() });
}

export function publishSessionEnded(transaction: Transaction, userId: string, sessionIds: readonly string[]): void {
  transaction.publish(authApi.events.sessionEnded, { userId, sessionIds: [...sessionIds], at: now() });
}
