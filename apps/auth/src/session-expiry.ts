import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { Rounds } from '#libs/runtime/rounds';
import { publishSessionEnded } from './account-events.ts';
import { SessionRepository } from './session.repository.ts';

const EVERY_MS = 60_000;

/** Ends sessions that nobody has used for too long, so that what is bound to them ends too. */
@Injectable()
export class SessionExpiry {
  constructor(
    private readonly database: Database,
    private readonly sessions: SessionRepository,
    rounds: Rounds,
  ) {
    rounds.every('auth.expire_sessions', EVERY_MS, () => this.endOver());
  }

  endOver(): Promise<void> {
    return this.database.transaction(async (transaction) => {
      for (const { userId, sessionIds } of await this.sessions.endOver(transaction)) publishSessionEnded(transaction, userId, sessionIds);
    });
  }
}
