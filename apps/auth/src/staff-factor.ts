import { Injectable } from '@nestjs/common';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import type { UserRow } from './account.repository.ts';
import { type AuthEnv, authEnv } from './auth.env.ts';

const isStaffRole = (role: string): boolean => role === 'support' || role === 'admin';

/** Whether staff needs a second factor, and what they may without one. */
@Injectable()
export class StaffFactor {
  constructor(@InjectEnvironment(authEnv) private readonly env: AuthEnv) {}

  isBound({ roles }: Pick<UserRow, 'roles'>): boolean {
    return this.env.REQUIRE_STAFF_TOTP && roles.some(isStaffRole);
  }

  /** The roles that tokens of a session carry: those of staff rest until a second factor was proved in it, so that all they can do is to enrol one. */
  rolesIn(user: Pick<UserRow, 'roles'>, isStrong: boolean): { roles: string[]; isResting: boolean } {
    if (isStrong || !this.isBound(user)) return { roles: user.roles, isResting: false };
    const others = user.roles.filter((role) => !isStaffRole(role));
    return { roles: others.length === 0 ? ['customer'] : others, isResting: true };
  }
}
