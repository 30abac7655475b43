import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { limitedAddress, networkOf } from '#libs/auth/network-address';
import { authApi } from '#libs/contracts/auth/api';
import type { Login, Register } from '#libs/contracts/auth/sign-in';
import type { Call } from '#libs/contracts/call';
import { Refusal } from '#libs/contracts/errors';
import { Database } from '#libs/persistence/database';
import { isUniqueViolation } from '#libs/persistence/database-errors';
import { AccountRepository, type UserRow } from './account.repository.ts';
import { AuditRepository } from './audit.repository.ts';
import type { SignInFailure } from './auth.metrics.ts';
import { Journal } from './journal.ts';
import { PasswordStrength } from './password-strength.ts';
import { Passwords } from './passwords.ts';
import { RateWindows } from './rate-windows.ts';
import { clientOf } from './session.repository.ts';
import { SessionOpener } from './session-opener.ts';
import { SignInLimits } from './sign-in-limits.ts';
import type { FactorAsked, Issued } from './token-issuer.ts';
import { VerificationMail } from './verification-mail.ts';

/** From a password to a session. */
@Injectable()
export class SignInHandlers {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountRepository,
    private readonly audits: AuditRepository,
    private readonly opener: SessionOpener,
    private readonly passwords: Passwords,
    private readonly strength: PasswordStrength,
    private readonly limits: SignInLimits,
    private readonly windows: RateWindows,
    private readonly mail: VerificationMail,
    private readonly journal: Journal,
  ) {}

  async register({ email, password, name, phone, referralCode }: Register, call: Call): Promise<Issued> {
    await this.windows.admit(registrationsFrom(clientOf(call).ip)).catch((error: unknown) => {
      // Without Redis the gateway's own limit holds.
      if (!(error instanceof Refusal) || error.code !== 'unavailable') throw error;
    });
    if (await this.strength.isGuessable(password, { email, name }))
      throw authApi.refuse('auth.password_breached', 'This password is on lists that are tried first; choose another');
    const passwordHash = await this.passwords.hash(password);
    await this.opener.ready();
    try {
      return await this.database.transaction(async (transaction) => {
        const user = await this.accounts.create(transaction, { id: uuidv7(), email, name, phone, passwordHash });
        await this.mail.send(transaction, { id: user.id, email });
        return this.opener.openFirst(transaction, user, call, referralCode);
      });
    } catch (error) {
      if (isUniqueViolation(error, 'users_email'))
        throw authApi.refuse('auth.email_taken', 'There is already an account with this e-mail address');
      throw error;
    }
  }

  async login({ email, password }: Login, call: Call): Promise<Issued | FactorAsked> {
    const { ip } = clientOf(call);
    await this.limits.admit(email, ip).catch((error: unknown) => {
      this.journal.signInFailed(error instanceof Refusal && error.code === 'rate_limited' ? 'rate_limited' : 'unavailable');
      throw error;
    });
    try {
      return await this.judge({ email, password }, call);
    } finally {
      await this.limits.ended(email, ip);
    }
  }

  private async judge({ email, password }: Login, call: Call): Promise<Issued | FactorAsked> {
    const { ip } = clientOf(call);
    const user = await this.accounts.byEmail(email);
    const isRight = await this.passwords.matches(user?.password_hash, password);
    const signedIn = user === undefined || !isRight ? undefined : await this.open(user, call);
    if (signedIn === undefined) {
      this.journal.signInFailed(reasonOf(user, isRight), user?.id);
      await this.limits.failed(email, ip);
      await this.audits.note(this.database, 'sign_in_failed', { ...(user === undefined ? {} : { userId: user.id }), ip });
      throw authApi.refuse('auth.bad_credentials', 'E-mail address or password is wrong');
    }
    await this.limits.succeeded(email, ip);
    return signedIn;
  }

  /** Undefined when the account was disabled, or its password changed, while this one was being checked. */
  private async open(checked: UserRow, call: Call): Promise<Issued | FactorAsked | undefined> {
    await this.opener.ready();
    return this.database.transaction(async (transaction) => {
      const user = await this.accounts.hold(transaction, checked.id);
      if (user === undefined || user.disabled || user.password_hash !== checked.password_hash) return undefined;
      return this.opener.open(transaction, user, 'password', call);
    });
  }
}

/** Each sends a mail to whom it names, and tells whether they have an account. Behind one address of a mobile network are thousands of people. */
const registrationsFrom = (ip: string) => [
  { key: `register:address:${limitedAddress(ip)}`, limit: 60, seconds: 3_600 },
  { key: `register:network:${networkOf(ip) ?? ''}`, limit: 200, seconds: 3_600 },
];

function reasonOf(user: UserRow | undefined, isRight: boolean): SignInFailure {
  if (user === undefined) return 'unknown_account';
  return isRight ? 'account_disabled' : 'wrong_password';
}
