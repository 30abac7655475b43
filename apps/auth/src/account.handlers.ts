import { Injectable } from '@nestjs/common';
import type { EditMe } from '#libs/contracts/auth/account';
import { authApi } from '#libs/contracts/auth/api';
import type { EditUser, UserFilter } from '#libs/contracts/auth/directory';
import type { MailAddress, UserReference } from '#libs/contracts/auth/messages';
import { type ManagedUser, ROLES, type User, type UserPage } from '#libs/contracts/auth/views';
import { type Call, userOf } from '#libs/contracts/call';
import { invalid, notFound, refuse } from '#libs/contracts/errors';
import { Signals } from '#libs/messaging/signals';
import { Database } from '#libs/persistence/database';
import { AccountRepository, managedUserOf, userOfRow } from './account.repository.ts';
import { publishAccountChanged } from './account-events.ts';
import { AuditRepository } from './audit.repository.ts';
import { Journal } from './journal.ts';
import { clientOf, SessionRepository } from './session.repository.ts';
import { SessionEnds } from './session-ends.ts';
import { TrustPublisher } from './trust.publisher.ts';

/** The own account, and the accounts that an admin looks after. */
@Injectable()
export class AccountHandlers {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountRepository,
    private readonly audits: AuditRepository,
    private readonly ends: SessionEnds,
    private readonly sessions: SessionRepository,
    private readonly signals: Signals,
    private readonly journal: Journal,
    private readonly trust: TrustPublisher,
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

  async users(filter: UserFilter): Promise<UserPage> {
    // Postgres has no such character, and a query may carry it.
    if (filter.q?.includes('\0') === true) throw invalid([{ path: 'q', message: 'may not hold NUL characters' }]);
    const { items, nextCursor } = await this.accounts.find(filter);
    return { items: items.map(managedUserOf), nextCursor };
  }

  async findByEmail({ email }: MailAddress): Promise<UserReference> {
    const user = email.includes('\0') ? undefined : await this.accounts.byEmail(email);
    if (user === undefined) throw notFound();
    return { userId: user.id };
  }

  async editUser({ id, roles, disabled }: EditUser, call: Call): Promise<ManagedUser> {
    if (
      roles !== undefined &&
      (roles.length === 0 || new Set(roles).size !== roles.length || roles.some((role) => !ROLES.some((known) => known === role)))
    ) {
      throw invalid([{ path: 'roles', message: `must be different ones of ${ROLES.join(', ')}` }]);
    }
    const { edited, revocation } = await this.database.transaction(async (transaction) => {
      const change = { ...(roles === undefined ? {} : { roles }), ...(disabled === undefined ? {} : { disabled }) };
      const user = await this.accounts.edit(transaction, id, change);
      if (user === 'last_admin') throw authApi.refuse('auth.last_admin', 'The last admin cannot be demoted or disabled');
      if (user === undefined) throw notFound();
      const { before, after } = user;
      const hasOtherRoles = before.roles.length !== after.roles.length || before.roles.some((role) => !after.roles.includes(role));
      const isShutOut = after.disabled && !before.disabled;
      if (!hasOtherRoles && before.disabled === after.disabled) return { edited: after, revocation: undefined };
      await this.audits.note(transaction, 'user_edited', {
        userId: id,
        actorId: userOf(call).userId,
        ip: clientOf(call).ip,
        detail: change,
      });
      transaction.afterCommit(() => this.journal.accountEdited(id, userOf(call).userId, change));
      publishAccountChanged(transaction, after);
      if (isShutOut) {
        const ended = await this.sessions.end(transaction, id, 'all');
        await this.ends.tell(transaction, ended, { userId: id, action: 'account_disabled', call });
      }
      // Tokens carry roles, so those of the old roles end now; their sessions go on with the next refresh.
      return { edited: after, revocation: hasOtherRoles || isShutOut ? await this.sessions.cutOffUser(transaction, id) : undefined };
    });
    if (revocation !== undefined) {
      this.signals.send(authApi.signals.revoked, revocation);
      this.trust.changed();
    }
    return managedUserOf(edited);
  }
}
