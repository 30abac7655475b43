import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { authApi } from '#libs/contracts/auth/api';
import type { AuditFilter, InviteStaff } from '#libs/contracts/auth/directory';
import type { AuditPage, ManagedUser, StaffList } from '#libs/contracts/auth/views';
import { type Call, userOf } from '#libs/contracts/call';
import { Database } from '#libs/persistence/database';
import { isUniqueViolation } from '#libs/persistence/database-errors';
import { AccountRepository, managedUserOf } from './account.repository.ts';
import { AuditRepository } from './audit.repository.ts';
import { EmailTokenRepository } from './email-token.repository.ts';
import { OutgoingMessages } from './outgoing-messages.ts';
import { clientOf } from './session.repository.ts';
import { StaffRepository } from './staff.repository.ts';

const GOOD_FOR_HOURS = 72;

/** The people who run the shop, and what was done to accounts. */
@Injectable()
export class StaffHandlers {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountRepository,
    private readonly staffs: StaffRepository,
    private readonly tokens: EmailTokenRepository,
    private readonly messages: OutgoingMessages,
    private readonly audits: AuditRepository,
  ) {}

  async staffList(): Promise<StaffList> {
    const rows = await this.staffs.list();
    return {
      items: rows.map((row) => ({
        ...managedUserOf(row),
        lastSeenAt: row.last_seen_at?.toISOString() ?? null,
        secondFactor: row.has_authenticator ? 'totp' : row.has_passkey ? 'passkey' : null,
        invited: row.password_hash === null,
      })),
    };
  }

  /** The account has the role at once, and nobody can enter it but by the link of the mail. */
  async inviteStaff({ email, name, role }: InviteStaff, call: Call): Promise<ManagedUser> {
    try {
      return await this.database.transaction(async (transaction) => {
        const user = await this.accounts.create(transaction, { id: uuidv7(), email, name, roles: ['customer', role] });
        const secret = randomBytes(24).toString('base64url');
        await this.tokens.keep(transaction, secret, user.id, 'reset', GOOD_FOR_HOURS);
        this.messages.due(transaction, {
          ...{ template: 'staff_invitation', to: email, userId: user.id, secret, goodForSeconds: GOOD_FOR_HOURS * 3_600 },
        });
        const about = { userId: user.id, actorId: userOf(call).userId, ip: clientOf(call).ip, detail: { roles: user.roles } };
        await this.audits.note(transaction, 'staff_invited', about);
        return managedUserOf(user);
      });
    } catch (error) {
      if (isUniqueViolation(error, 'users_email'))
        throw authApi.refuse('auth.email_taken', 'There is an account with this address; change its roles instead');
      throw error;
    }
  }

  audit(filter: AuditFilter): Promise<AuditPage> {
    return this.audits.find(filter);
  }
}
