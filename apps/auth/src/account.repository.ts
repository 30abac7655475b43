import { Injectable } from '@nestjs/common';
import type { ManagedUser, User } from '#libs/contracts/auth/views';
import { phonePartOf } from '#libs/contracts/spellings';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import { joined, plannedByValues, type Sql, sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

export interface UserRow {
  readonly id: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly name: string;
  readonly password_hash: string | null;
  readonly roles: string[];
  readonly email_verified: boolean;
  readonly phone_verified: boolean;
  readonly phone_proved_at: Date | null;
  readonly disabled: boolean;
  readonly created_at: Date;
  /** Counts changes of roles and of being disabled. */
  readonly version: number;
}

export const userOfRow = (row: UserRow): User => ({
  id: row.id,
  email: row.email,
  phone: row.phone,
  name: row.name,
  roles: row.roles,
  emailVerified: row.email_verified,
  phoneVerified: row.phone_verified,
  createdAt: row.created_at.toISOString(),
});

export const managedUserOf = (row: UserRow): ManagedUser => ({ ...userOfRow(row), disabled: row.disabled });

@Injectable()
export class AccountRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  /** Fails on `users_email` when the address is taken, however it is written. */
  async create(
    transaction: Transaction,
    user: { id: string; email: string; name: string; phone?: string | undefined; passwordHash?: string; roles?: readonly string[] },
  ): Promise<UserRow> {
    return (await transaction.row<UserRow>(sql`
      INSERT INTO users (id, email, phone, name, password_hash, roles)
      VALUES (${user.id}, ${user.email}, ${user.phone ?? null}, ${user.name}, ${user.passwordHash ?? null}, ${user.roles ?? ['customer']}) RETURNING *`)) as UserRow;
  }

  /** A customer who came by a number that they have just proved. Fails on `users_verified_phone` when another account has. */
  async createByPhone(transaction: Transaction, user: { id: string; name: string; phone: string }): Promise<UserRow> {
    return (await transaction.row<UserRow>(sql`
      INSERT INTO users (id, phone, name, phone_verified, phone_proved_at) VALUES (${user.id}, ${user.phone}, ${user.name}, true, now()) RETURNING *`)) as UserRow;
  }

  /** The account that has proved this number, for this transaction alone. */
  holdByPhone(transaction: Transaction, phone: string): Promise<UserRow | undefined> {
    return transaction.row<UserRow>(sql`SELECT * FROM users WHERE phone = ${phone} AND phone_verified FOR UPDATE`);
  }

  /** Whose account has proved this number within so many days. */
  async idByPhone(transaction: Transaction, phone: string, days: number): Promise<string | undefined> {
    const owner = await transaction.row<{ id: string }>(sql`
      SELECT id FROM users WHERE phone = ${phone} AND phone_verified AND phone_proved_at > now() - make_interval(days => ${days}::int)`);
    return owner?.id;
  }

  provePhone(transaction: Transaction, id: string, phone: string): Promise<UserRow | undefined> {
    return transaction.row<UserRow>(
      sql`UPDATE users SET phone = ${phone}, phone_verified = true, phone_proved_at = now() WHERE id = ${id} RETURNING *`,
    );
  }

  /** The number is somebody else's now. */
  async releasePhone(transaction: Transaction, id: string): Promise<void> {
    await transaction.execute(sql`UPDATE users SET phone = NULL, phone_verified = false, phone_proved_at = NULL WHERE id = ${id}`);
  }

  byEmail(email: string): Promise<UserRow | undefined> {
    return this.database.row<UserRow>(sql`SELECT * FROM users WHERE lower(email) = lower(${email})`);
  }

  byId(id: string): Promise<UserRow | undefined> {
    return this.database.row<UserRow>(sql`SELECT * FROM users WHERE id = ${id}`);
  }

  /** The user as they are now, unchanged until the transaction ends; waits for a change that is under way. */
  hold(transaction: Transaction, id: string): Promise<UserRow | undefined> {
    return transaction.row<UserRow>(sql`SELECT * FROM users WHERE id = ${id} FOR SHARE`);
  }

  /** The same, and for this transaction alone. */
  holdAlone(transaction: Transaction, id: string): Promise<UserRow | undefined> {
    return transaction.row<UserRow>(sql`SELECT * FROM users WHERE id = ${id} FOR UPDATE`);
  }

  /** Whether it was not confirmed before. */
  async confirmEmail(transaction: Transaction, id: string): Promise<boolean> {
    return (await transaction.execute(sql`UPDATE users SET email_verified = true WHERE id = ${id} AND NOT email_verified`)) === 1;
  }

  async setPassword(transaction: Transaction, id: string, passwordHash: string): Promise<void> {
    await transaction.execute(sql`UPDATE users SET password_hash = ${passwordHash} WHERE id = ${id}`);
  }

  rename(id: string, name: string): Promise<UserRow | undefined> {
    return this.database.row<UserRow>(sql`UPDATE users SET name = ${name} WHERE id = ${id} RETURNING *`);
  }

  async find(filter: {
    q?: string;
    role?: string;
    disabled?: boolean;
    limit: number;
    cursor?: string;
  }): Promise<{ items: UserRow[]; nextCursor: string | null }> {
    const { q, role, disabled, limit, cursor } = filter;
    const list = `users ${JSON.stringify([q, role, disabled])}`;
    const conditions: Sql[] = [sql`true`];
    if (q !== undefined) {
      const like = `%${q.replace(/[\\%_]/g, '\\$&')}%`;
      const phone = phonePartOf(q);
      conditions.push(
        sql`(name ILIKE ${like} OR email ILIKE ${like}${when(phone !== undefined, () => sql` OR phone LIKE ${`%${phone}%`}`)})`,
      );
    }
    if (role !== undefined) conditions.push(sql`${role} = ANY(roles)`);
    if (disabled !== undefined) conditions.push(sql`disabled = ${disabled}`);
    if (cursor !== undefined) conditions.push(sql`id < ${this.cursors.decode(cursor, list)[0]}::uuid`);
    const rows = await this.database.rows<UserRow>(
      plannedByValues(sql`SELECT * FROM users WHERE ${joined(conditions, ' AND ')} ORDER BY id DESC LIMIT ${limit + 1}`),
    );
    return pageOf(rows, limit, (row) => this.cursors.encode([row.id], list));
  }

  /**
   * Undefined when there is no such user, `last_admin` when nobody would be left to run the shop. Two admins who demote each other at the
   * same time wait for one another on the lock.
   */
  async edit(
    transaction: Transaction,
    id: string,
    change: { roles?: readonly string[]; disabled?: boolean },
  ): Promise<{ before: UserRow; after: UserRow } | 'last_admin' | undefined> {
    const before = await this.holdAmongAdmins(transaction, id);
    const after = await transaction.row<UserRow>(sql`
      UPDATE users SET roles = coalesce(${change.roles ?? null}::text[], roles), disabled = coalesce(${change.disabled ?? null}::boolean, disabled),
        version = version + 1
      WHERE id = ${id} RETURNING *`);
    if (before === undefined || after === undefined) return undefined;
    const wasAdmin = before.roles.includes('admin') && !before.disabled;
    return wasAdmin && !(await this.hasAdminBut(transaction, undefined)) ? 'last_admin' : { before, after };
  }

  /** The user, for this transaction alone; who would take the last admin away waits for another who would. */
  async holdAmongAdmins(transaction: Transaction, id: string): Promise<UserRow | undefined> {
    await transaction.execute(sql`SELECT pg_advisory_xact_lock(hashtext('auth admins'))`);
    return this.holdAlone(transaction, id);
  }

  async isLastAdmin(transaction: Transaction, { id, roles, disabled }: UserRow): Promise<boolean> {
    return roles.includes('admin') && !disabled && !(await this.hasAdminBut(transaction, id));
  }

  private async hasAdminBut(transaction: Transaction, id: string | undefined): Promise<boolean> {
    // Who was invited and has not come yet may never do so.
    const other = await transaction.row(sql`
      SELECT 1 FROM users WHERE 'admin' = ANY(roles) AND NOT disabled AND id IS DISTINCT FROM ${id ?? null}::uuid
        AND (password_hash IS NOT NULL OR phone_verified OR EXISTS (SELECT 1 FROM passkeys WHERE user_id = users.id)) LIMIT 1`);
    return other !== undefined;
  }
}
