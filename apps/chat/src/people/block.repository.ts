import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

/** Whoever of two has blocked the other, both are cut off alike. */
export class Blocked {
  private readonly pairs: ReadonlySet<string>;

  constructor(pairs: readonly (readonly [string, string])[]) {
    this.pairs = new Set(pairs.flatMap(([one, other]) => [`${one} ${other}`, `${other} ${one}`]));
  }

  has(one: string, other: string): boolean {
    return this.pairs.has(`${one} ${other}`);
  }
}

@Injectable()
export class BlockRepository {
  constructor(private readonly database: Database) {}

  async add(userId: string, blockedId: string): Promise<void> {
    await this.database.execute(sql`INSERT INTO blocks (user_id, blocked_id) VALUES (${userId}, ${blockedId}) ON CONFLICT DO NOTHING`);
  }

  async remove(userId: string, blockedId: string): Promise<boolean> {
    return (await this.database.execute(sql`DELETE FROM blocks WHERE user_id = ${userId} AND blocked_id = ${blockedId}`)) === 1;
  }

  of(userId: string): Promise<{ blocked_id: string; created_at: Date }[]> {
    return this.database.rows(
      sql`SELECT blocked_id, created_at FROM blocks WHERE user_id = ${userId} ORDER BY created_at DESC, blocked_id`,
    );
  }

  /** Pairs among these users of whom one has blocked the other. */
  async among(userIds: readonly string[], queries: Queries = this.database): Promise<Blocked> {
    const rows = await queries.rows<{ user_id: string; blocked_id: string }>(sql`
      SELECT user_id, blocked_id FROM blocks WHERE user_id = ANY(${userIds}::uuid[]) AND blocked_id = ANY(${userIds}::uuid[])`);
    return new Blocked(rows.map(({ user_id, blocked_id }) => [user_id, blocked_id]));
  }

  forget(transaction: Transaction, userId: string): void {
    transaction.send(sql`DELETE FROM blocks WHERE user_id = ${userId}`);
    transaction.send(sql`DELETE FROM blocks WHERE blocked_id = ${userId}`);
  }
}
