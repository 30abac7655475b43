import { Injectable } from '@nestjs/common';
import { limitedAddress } from '#libs/auth/network-address';
import { authApi } from '#libs/contracts/auth/api';
import type { ChangePassword, ForgotPassword, ResetPassword } from '#libs/contracts/auth/credentials';
import { type Call, userOf } from '#libs/contracts/call';
import { refuse } from '#libs/contracts/errors';
import { Database } from '#libs/persistence/database';
import { AccountRepository, type UserRow } from './account.repository.ts';
import { AddressProof } from './address-proof.ts';
import { EmailTokenRepository } from './email-token.repository.ts';
import { PasswordChange } from './password-change.ts';
import { PasswordResetMail } from './password-reset-mail.ts';
import { PasswordStrength } from './password-strength.ts';
import { Passwords } from './passwords.ts';
import { RateWindows } from './rate-windows.ts';
import { clientOf, SessionRepository } from './session.repository.ts';

const HOUR = 3_600;

/** A new password, by the old one or by a mail. */
@Injectable()
export class PasswordHandlers {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountRepository,
    private readonly tokens: EmailTokenRepository,
    private readonly passwords: Passwords,
    private readonly strength: PasswordStrength,
    private readonly windows: RateWindows,
    private readonly sessions: SessionRepository,
    private readonly change: PasswordChange,
    private readonly proof: AddressProof,
    private readonly mail: PasswordResetMail,
  ) {}

  async changePassword({ currentPassword, newPassword }: ChangePassword, call: Call): Promise<void> {
    const { userId, sessionId } = userOf(call);
    const user = await this.accounts.byId(userId);
    if (user === undefined) throw refuse('unauthenticated');
    // Who took over a session could try passwords here.
    await this.windows.admit([{ key: `password:change:${userId}`, limit: 10, seconds: HOUR }]);
    if (!(await this.passwords.matches(user.password_hash, currentPassword))) throw wrongPassword();
    await this.mustNotBeGuessable(newPassword, user);
    const passwordHash = await this.passwords.hash(newPassword);
    await this.database.transaction(async (transaction) => {
      const held = await this.accounts.holdAlone(transaction, userId);
      if (held?.password_hash !== user.password_hash) throw wrongPassword();
      const ended = await this.sessions.endOthers(transaction, userId, sessionId);
      await this.change.make(transaction, { userId, passwordHash, reason: 'changed', ended, call });
    });
  }

  async forgotPassword({ email }: ForgotPassword, call: Call): Promise<object> {
    const ip = limitedAddress(clientOf(call).ip);
    await this.windows.admit([
      { key: `password:forgot:${email.toLowerCase()}:${ip}`, limit: 5, seconds: HOUR },
      { key: `password:forgot:from:${ip}`, limit: 60, seconds: HOUR },
    ]);
    await this.mail.askFor(email);
    return {};
  }

  async resetPassword({ token, newPassword }: ResetPassword, call: Call): Promise<void> {
    const userId = await this.tokens.userOfReset(token);
    const user = userId === undefined ? undefined : await this.accounts.byId(userId);
    if (user === undefined) throw badLink();
    await this.mustNotBeGuessable(newPassword, user);
    const passwordHash = await this.passwords.hash(newPassword);
    await this.database.transaction(async (transaction) => {
      const held = await this.accounts.holdAlone(transaction, user.id);
      if (held === undefined || held.disabled || !(await this.tokens.useReset(transaction, token, user.id))) throw badLink();
      await this.proof.byReset(transaction, held, call);
      const ended = await this.sessions.end(transaction, user.id, 'all');
      await this.change.make(transaction, { userId: user.id, passwordHash, reason: 'reset', ended, call });
    });
  }

  private async mustNotBeGuessable(password: string, { email, name }: UserRow): Promise<void> {
    if (await this.strength.isGuessable(password, { email: email ?? '', name }))
      throw authApi.refuse('auth.password_breached', 'This password is on lists that are tried first; choose another');
  }
}

const badLink = (): Error => authApi.refuse('auth.bad_link', 'This link is not good any more; ask for a fresh mail');
const wrongPassword = (): Error => authApi.refuse('auth.bad_credentials', 'The password is wrong');
