import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

/** Accounts that were erased at their owners' wish. */
@Injectable()
export class ErasureRepository {
  constructor(private readonly database: Database) {}

  /** Everything that auth has of a user, whose row the transaction holds; the audit log and consents keep the id, and of these the network address goes. */
  async removeAccount(transaction: Transaction, userId: string, phone: string | null): Promise<void> {
    transaction.send(sql`DELETE FROM one_time_codes WHERE phone = ${phone} OR user_id = ${userId}`);
    transaction.send(sql`UPDATE consents SET ip = NULL WHERE user_id = ${userId}`);
    transaction.send(sql`DELETE FROM email_tokens WHERE user_id = ${userId}`);
    transaction.send(sql`DELETE FROM addresses WHERE user_id = ${userId}`);
    transaction.send(sql`DELETE FROM sessions WHERE user_id = ${userId}`);
    await transaction.execute(sql`DELETE FROM users WHERE id = ${userId}`);
  }

  async begin(transaction: Transaction, id: string, userId: string, eventIds: readonly string[]): Promise<void> {
    await transaction.execute(sql`INSERT INTO erasures (id, user_id, event_ids) VALUES (${id}, ${userId}, ${eventIds}::uuid[])`);
  }

  /** Erasures of which every service has answered by now. */
  complete(): Promise<{ id: string; seconds: number }[]> {
    return this.database.rows<{ id: string; seconds: number }>(sql`
      UPDATE erasures SET completed_at = now()
      WHERE completed_at IS NULL AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.id = ANY(erasures.event_ids))
      RETURNING id, extract(epoch FROM now() - begun_at)::float8 AS seconds`);
  }
}
