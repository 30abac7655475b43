import { operation } from '../contract.ts';
import { Email, Flag, Means, OneOf, Optional, Text, TextList, Timestamp, Uuid, Words } from '../fields.ts';
import { Nothing, PageQuery } from '../page.ts';
import { AuditPage, ManagedUser, ROLES, StaffList, UserPage } from './views.ts';

export class UserFilter extends PageQuery {
  @Means('Part of a name, of an e-mail address, or of a phone number in any usual spelling.') @Optional() @Text(1, 100) q?: string;
  @Optional() @OneOf(ROLES) role?: string;
  @Optional() @Flag() disabled?: boolean;
}

export class EditUser {
  @Uuid() id!: string;
  @Means('Replaces the set; effective at once.') @Optional() @TextList(3, 1, 20) roles?: string[];
  @Means('True ends all sessions of the user and lets them sign in no more.') @Optional() @Flag() disabled?: boolean;
}

export class InviteStaff {
  @Email() email!: string;
  @Words(1, 100) name!: string;
  @OneOf(['support', 'admin']) role!: string;
}

export class AuditFilter extends PageQuery {
  @Means('To whose account it happened.') @Optional() @Uuid() userId?: string;
  @Means('Who did it.') @Optional() @Uuid() actorId?: string;
  @Optional() @Text(1, 60) action?: string;
  @Means('From this time on.') @Optional() @Timestamp() from?: string;
  @Means('Before this time.') @Optional() @Timestamp() to?: string;
}

export const directoryOperations = {
  users: operation({ summary: 'Find users', access: 'admin', http: 'GET /auth/users', in: UserFilter, out: UserPage }),
  editUser: operation({
    summary: 'Change roles, disable or enable a user',
    access: 'admin',
    http: 'PATCH /auth/users/:id',
    in: EditUser,
    out: ManagedUser,
    errors: { 'auth.last_admin': 'conflict' },
  }),
  staffList: operation({
    summary: 'Support and admins, with the time they were last seen and their second factor',
    access: 'admin',
    http: 'GET /auth/staff',
    in: Nothing,
    out: StaffList,
  }),
  inviteStaff: operation({
    summary: 'Make an account for somebody who will work here, and send them a link to choose a password',
    description: 'Who has an account already gets other roles instead.',
    access: 'admin',
    http: 'POST /auth/staff',
    in: InviteStaff,
    out: ManagedUser,
    status: 201,
    errors: { 'auth.email_taken': 'conflict' },
  }),
  audit: operation({
    summary: 'Sign-ins, roles, ended sessions and what admins did, the newest first',
    access: 'admin',
    http: 'GET /auth/audit',
    in: AuditFilter,
    out: AuditPage,
  }),
};
