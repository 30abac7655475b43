import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { CONSENT_TEXTS, type ConsentPurpose } from './consent-texts.ts';

export interface KeptConsent {
  readonly purpose: string;
  readonly version: number;
  readonly granted: boolean;
  readonly at: Date;
}

/** What somebody agreed to or withdrew, one row each time; rows are added and never changed. */
@Injectable()
export class ConsentRepository {
  constructor(private readonly database: Database) {}

  /** To the present version of the text. */
  async note(
    queries: Pick<Database, 'execute'>,
    { userId, purpose, granted, ip }: { userId: string; purpose: ConsentPurpose; granted: boolean; ip: string },
  ): Promise<void> {
    await queries.execute(sql`
      INSERT INTO consents (id, user_id, purpose, version, granted, ip)
      VALUES (${uuidv7()}, ${userId}, ${purpose}, ${CONSENT_TEXTS[purpose].version}, ${granted}, ${ip})`);
  }

  /** How each purpose stands. */
  newest(userId: string): Promise<KeptConsent[]> {
    return this.database.rows<KeptConsent>(sql`
      SELECT DISTINCT ON (purpose) purpose, version, granted, at FROM consents WHERE user_id = ${userId} ORDER BY purpose, id DESC`);
  }

  history(userId: string): Promise<KeptConsent[]> {
    return this.database.rows<KeptConsent>(
      sql`SELECT purpose, version, granted, at FROM consents WHERE user_id = ${userId} ORDER BY id LIMIT 1000`,
    );
  }
}
