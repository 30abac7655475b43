import { Injectable } from '@nestjs/common';
import {
  authApi,
  type EditMe,
  type EditUser,
  type ManagedUser,
  type Revocation,
  ROLES,
  type User,
  type UserFilter,
  type UserPage,
} from '#libs/contracts/auth';
import { type Call, userOf } from '#libs/contracts/call';
import { invalid, notFound, refuse } from '#libs/contracts/errors';
import { BusClient } from '#libs/messaging/bus-client';
import { Signals } from '#libs/messaging/signals';
import { Database } from '#libs/persistence/database';
import { AccountRepository, managedUserOf, userOfRow } from './account.repository.ts';
import { SessionRepository } from './session.repository.ts';

/** The own account, and the accounts that an admin looks after. */
@Injectable()
export class AccountHandlers {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountRepository,
    private readonly sessions: SessionRepository,
    private readonly signals: Signals,
    private readonly bus: BusClient,
  ) {}

  async me(_input: object, call: Call): Promise<User> {
    const user = await this.accounts.byId(userOf(call).userId);
    if (user === undefined) throw refuse('unauthenticated');
    return userOfRow(user);
  }

  async editMe({ name }: EditMe, call: Call): Promise<User> {
    if (name === undefined) return this.me({}, call);
    const user = await this.accounts.rename(userOf(call).userId, name);
    if (user === undefined) throw refuse('unauthenticated');
    return userOfRow(user);
  }

  async users(filter: UserFilter, _call: Call): Promise<UserPage> {
    const { items, nextCursor } = await this.accounts.find(filter);
    return { items: items.map(managedUserOf), nextCursor };
  }

  async editUser({ id, roles, disabled }: EditUser, call: Call): Promise<ManagedUser> {
    if (
      roles !== undefined &&
      (roles.length === 0 || new Set(roles).size !== roles.length || roles.some((role) => !ROLES.some((known) => known === role)))
    ) {
      throw invalid([{ path: 'roles', message: `must be different ones of ${ROLES.join(', ')}` }]);
    }
    const revocation: Revocation = { kind: 'user', id, before: this.bus.clock.now() + 1 };
    const edited = await this.database.transaction(async (transaction) => {
      const user = await this.accounts.edit(transaction, id, {
        ...(roles === undefined ? {} : { roles }),
        ...(disabled === undefined ? {} : { disabled }),
      });
      if (user === 'last_admin') throw authApi.refuse('auth.last_admin', 'The last admin cannot be demoted or disabled');
      if (user === undefined) throw notFound();
      // Tokens carry roles, so those of the old roles end now; sessions go on with the next refresh, unless the account is disabled.
      await this.sessions.revoke(transaction, [revocation]);
      if (disabled === true) await this.sessions.end(transaction, id, 'all', revocation.before);
      await this.accounts.note(transaction, 'user_edited', { userId: id, actorId: userOf(call).userId, detail: { roles, disabled } });
      return user;
    });
    this.signals.send(authApi.signals.revoked, revocation);
    return managedUserOf(edited);
  }
}
