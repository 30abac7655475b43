import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { claim } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

export interface ResetRequest {
  readonly id: string;
  readonly email: string;
}

const LEASE_SECONDS = 10;
const AT_ONCE = 20;

/** Mails with a link for a new password that were asked for and not looked at yet. */
@Injectable()
export class ResetRequestRepository {
  constructor(private readonly database: Database) {}

  async add(email: string): Promise<void> {
    await this.database.execute(sql`INSERT INTO reset_requests (id, email) VALUES (${uuidv7()}, ${email})`);
  }

  claimDue(): Promise<ResetRequest[]> {
    return this.database.rows<ResetRequest>(
      claim({
        ...{ table: sql`reset_requests`, key: sql`id`, due: sql`due_at`, limit: AT_ONCE, leaseSeconds: LEASE_SECONDS },
        returning: sql`id, email`,
      }),
    );
  }

  /** False when another replica was faster. */
  async take(transaction: Transaction, id: string): Promise<boolean> {
    return (await transaction.execute(sql`DELETE FROM reset_requests WHERE id = ${id}`)) === 1;
  }
}
