import { Injectable } from '@nestjs/common';
import { paymentApi } from '#libs/contracts/payment/api';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';

/** When staff last heard that Razorpay refuses our key. */
@Injectable()
export class KeyRefusalRepository {
  constructor(private readonly database: Database) {}

  /** Tells staff, however many replicas meet it: at once, and again each day that it lasts. */
  async tell(keyId: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      const isDue = await tx.execute(sql`
        INSERT INTO key_refusals (key_id, told_at) VALUES (${keyId}, now())
        ON CONFLICT (key_id) DO UPDATE SET told_at = now() WHERE key_refusals.told_at < now() - interval '1 day'`);
      if (isDue === 1) tx.publish(paymentApi.events.needsPerson, { kind: 'bad_credentials', at: new Date().toISOString() });
    });
  }

  /** The key is accepted again: the next refusal is told at once. */
  async forget(keyId: string): Promise<void> {
    await this.database.execute(sql`DELETE FROM key_refusals WHERE key_id = ${keyId}`);
  }
}
