import { Injectable } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { inBatches, SWEEP_ROWS } from '#libs/persistence/sweep';
import { Rounds } from '#libs/runtime/rounds';
import { retention } from '../migrations/auth.retention.ts';

const EVERY_MS = 30_000;
/** Fits the contract, so that a message that is delivered later is skipped as expired. */
const BLANK = 'removed';

/** Takes addresses and sealed codes out of messages that did not reach notification in time. Their letters stay, for an admin to see. */
@Injectable()
export class ToldSecretRepository {
  constructor(
    private readonly database: Database,
    rounds: Rounds,
  ) {
    rounds.every('auth.blank_messages', EVERY_MS, () => this.blankUseless());
  }

  async blankUseless(): Promise<void> {
    await inBatches(
      sql`
        UPDATE outbox SET payload = (payload::jsonb || jsonb_build_object('to', ${BLANK}::text, 'sealed', ${BLANK}::text,
          'expiresAt', to_char(least((payload::jsonb ->> 'expiresAt')::timestamptz, now()) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))::text
        WHERE id IN (
          SELECT id FROM outbox WHERE event = ${authApi.events.messageDue.key} AND payload::jsonb ->> 'sealed' <> ${BLANK}
            AND least(dead_at, (payload::jsonb ->> 'expiresAt')::timestamptz) < now() - ${retention.outbox.but.secrets.keptFor}::interval
          LIMIT ${SWEEP_ROWS})`,
      this.database,
    );
  }
}
