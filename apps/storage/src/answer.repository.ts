import { Injectable } from '@nestjs/common';
import type { File } from '#libs/contracts/storage/views';
import type { WireError } from '#libs/messaging/wire-error';
import { Database } from '#libs/persistence/database';
import { IdempotencyKeyReused, type KeyedRequest } from '#libs/persistence/idempotency';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

export interface KeptAnswer {
  readonly file: File | null;
  readonly refusal: WireError | null;
}

/** What uploads with a key were answered with: the gateway, which keeps such answers of other requests, does not read their bodies. */
@Injectable()
export class AnswerRepository {
  constructor(private readonly database: Database) {}

  /** @throws IdempotencyKeyReused when it came with another body. */
  async find({ actor, route, key, bodyHash }: KeyedRequest): Promise<KeptAnswer | undefined> {
    const kept = await this.database.row<KeptAnswer & { readonly body_hash: string }>(
      sql`SELECT body_hash, file, refusal FROM answers WHERE actor = ${actor} AND route = ${route} AND key = ${key}`,
    );
    if (kept !== undefined && kept.body_hash !== bodyHash) throw new IdempotencyKeyReused();
    return kept;
  }

  /** Beside the file that was made. */
  addFile(transaction: Transaction, { actor, route, key, bodyHash }: KeyedRequest, file: File): void {
    transaction.send(sql`
      INSERT INTO answers (actor, route, key, body_hash, file)
      VALUES (${actor}, ${route}, ${key}, ${bodyHash}, ${JSON.stringify(file)}::jsonb)
      ON CONFLICT (actor, route, key) DO UPDATE SET body_hash = EXCLUDED.body_hash, file = EXCLUDED.file, refusal = NULL`);
  }

  /** A file that was made meanwhile stays the answer. */
  async addRefusal({ actor, route, key, bodyHash }: KeyedRequest, refusal: WireError): Promise<void> {
    await this.database.execute(sql`
      INSERT INTO answers (actor, route, key, body_hash, refusal)
      VALUES (${actor}, ${route}, ${key}, ${bodyHash}, ${JSON.stringify(refusal)}::jsonb) ON CONFLICT DO NOTHING`);
  }

  /** All of an erased user's: they have names of files. */
  removeAllOf(transaction: Transaction, userId: string): void {
    transaction.send(sql`DELETE FROM answers WHERE actor = ${userId}`);
  }
}
