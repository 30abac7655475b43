import { Injectable } from '@nestjs/common';
import type { Call } from '#libs/contracts/call';
import type { Transaction } from '#libs/persistence/transaction';
import { AccountRepository, type UserRow } from './account.repository.ts';
import { publishContactVerified } from './account-events.ts';
import { AuditRepository } from './audit.repository.ts';
import { FactorRepository } from './factor.repository.ts';
import { PasskeyRepository } from './passkey.repository.ts';
import { PhoneAccounts } from './phone-accounts.ts';
import { clientOf } from './session.repository.ts';

/** What follows when a new password proves whose an e-mail address is. */
@Injectable()
export class AddressProof {
  constructor(
    private readonly accounts: AccountRepository,
    private readonly passkeys: PasskeyRepository,
    private readonly factors: FactorRepository,
    private readonly phones: PhoneAccounts,
    private readonly audits: AuditRepository,
  ) {}

  /**
   * Until an address is proved, anybody may have registered it: whatever else opens the account may be a stranger's, and goes when the owner of
   * the address comes. `transaction` holds the user alone.
   */
  async byReset(transaction: Transaction, user: UserRow, call: Call): Promise<void> {
    if (!(await this.accounts.confirmEmail(transaction, user.id))) return;
    publishContactVerified(transaction, user.id, 'email');
    const [hadPasskeys, hadAuthenticator] = [
      await this.passkeys.removeAll(transaction, user.id),
      await this.factors.remove(transaction, user.id),
    ];
    if (hadPasskeys || hadAuthenticator) await this.audits.note(transaction, 'factors_removed', { userId: user.id, ip: clientOf(call).ip });
    if (user.phone !== null) await this.phones.release(transaction, user, call);
  }
}
