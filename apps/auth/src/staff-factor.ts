import { Injectable } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import type { Database } from '#libs/persistence/database';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import type { UserRow } from './account.repository.ts';
import { type AuthEnv, authEnv } from './auth.env.ts';
import { FactorRepository } from './factor.repository.ts';
import { PasskeyRepository } from './passkey.repository.ts';
import { SessionRepository } from './session.repository.ts';

export type FactorKind = 'totp' | 'passkey';

const isStaffRole = (role: string): boolean => role === 'support' || role === 'admin';

/** Who needs a second factor, and what staff may without one. */
@Injectable()
export class StaffFactor {
  constructor(
    private readonly factors: FactorRepository,
    private readonly passkeys: PasskeyRepository,
    private readonly sessions: SessionRepository,
    @InjectEnvironment(authEnv) private readonly env: AuthEnv,
  ) {}

  isBound({ roles }: Pick<UserRow, 'roles'>): boolean {
    return this.env.REQUIRE_STAFF_TOTP && roles.some(isStaffRole);
  }

  /**
   * What a user is asked for after their first factor; empty when for nothing. An authenticator asks for itself. A passkey is a way to sign in,
   * and a second factor beside an authenticator or for staff who need one.
   */
  async askedOf(queries: Pick<Database, 'row'>, user: UserRow): Promise<FactorKind[]> {
    const [hasTotp, hasPasskey] = [await this.factors.isActive(queries, user.id), await this.passkeys.has(queries, user.id)];
    if (!hasTotp && !(hasPasskey && this.isBound(user))) return [];
    return [...(hasTotp ? (['totp'] as const) : []), ...(hasPasskey ? (['passkey'] as const) : [])];
  }

  async hasFactor(queries: Pick<Database, 'row'>, userId: string): Promise<boolean> {
    return (await this.factors.isActive(queries, userId)) || (await this.passkeys.has(queries, userId));
  }

  /**
   * A session in which the first factor of all is enrolled has proved it. With one already, only a session that proved one may add another: a
   * stolen session would add its own, and sign in by it. Throws `auth.factor_required`. `transaction` holds the user alone.
   */
  async admitFactor(transaction: Transaction, userId: string, sessionId: string): Promise<void> {
    if (!(await this.hasFactor(transaction, userId))) await this.sessions.strengthen(transaction, sessionId);
    else if (!(await this.sessions.isStrong(transaction, sessionId)))
      throw authApi.refuse('auth.factor_required', 'Sign in with your second factor, then add another');
  }

  /** The roles that tokens of a session carry: those of staff rest until a second factor was proved in it, so that all they can do is to enrol one. */
  rolesIn(user: Pick<UserRow, 'roles'>, isStrong: boolean): { roles: string[]; isResting: boolean } {
    if (isStrong || !this.isBound(user)) return { roles: user.roles, isResting: false };
    const others = user.roles.filter((role) => !isStaffRole(role));
    return { roles: others.length === 0 ? ['customer'] : others, isResting: true };
  }
}
