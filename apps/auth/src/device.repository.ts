import { Injectable } from '@nestjs/common';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { FactorSecrets } from './factor-secrets.ts';

/** Which devices (`X-Device-Id`) an account was signed in from; only keyed hashes of their names are kept. */
@Injectable()
export class DeviceRepository {
  constructor(private readonly secrets: FactorSecrets) {}

  /** Whether this is the first time of the pair. */
  async seen(transaction: Transaction, userId: string, device: string): Promise<boolean> {
    const found = await transaction.row<{ is_new: boolean }>(sql`
      INSERT INTO devices (user_id, device_hash) VALUES (${userId}, ${this.secrets.hashOf('device', device)})
      ON CONFLICT (user_id, device_hash) DO UPDATE SET last_seen_at = now() RETURNING xmax = 0 AS is_new`);
    return found?.is_new === true;
  }

  async knows(transaction: Transaction, userId: string, device: string): Promise<boolean> {
    const known = await transaction.row(
      sql`SELECT 1 FROM devices WHERE user_id = ${userId} AND device_hash = ANY(${this.secrets.hashesOf('device', device)}::text[])`,
    );
    return known !== undefined;
  }
}
