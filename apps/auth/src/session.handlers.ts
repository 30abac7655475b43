import { Injectable } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import type { Revocation, RevocationList } from '#libs/contracts/auth/messages';
import type { Logout, Refresh } from '#libs/contracts/auth/sign-in';
import type { JsonWebKeySet, SessionList } from '#libs/contracts/auth/views';
import { type Call, userOf } from '#libs/contracts/call';
import { invalid, notFound } from '#libs/contracts/errors';
import type { ById } from '#libs/contracts/page';
import { Database } from '#libs/persistence/database';
import { AccountRepository } from './account.repository.ts';
import { deviceName } from './device-name.ts';
import { Journal } from './journal.ts';
import { OutgoingMessages } from './outgoing-messages.ts';
import { PeerKeys } from './peer-keys.ts';
import { clientOf, SessionRepository } from './session.repository.ts';
import { SessionEnds } from './session-ends.ts';
import { type ParsedRefreshToken, parseRefreshToken } from './signing-keys.ts';
import { type Issued, TokenIssuer } from './token-issuer.ts';

/** Staying signed in, and signing out. */
@Injectable()
export class SessionHandlers {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountRepository,
    private readonly families: SessionRepository,
    private readonly keys: PeerKeys,
    private readonly issuer: TokenIssuer,
    private readonly ends: SessionEnds,
    private readonly messages: OutgoingMessages,
    private readonly journal: Journal,
  ) {}

  async refresh({ refreshToken }: Refresh, call: Call): Promise<Issued> {
    if (refreshToken === undefined) throw invalid([{ path: 'refreshToken', message: 'is missing' }]);
    const token = parseRefreshToken(refreshToken);
    const family = token === undefined ? undefined : await this.families.byId(token.sessionId);
    if (token === undefined || family === undefined || !(await this.keys.madeRefreshToken(token, family.salt))) throw this.refused();
    await this.issuer.ready();
    const signedIn = await this.database.transaction(async (transaction) => {
      // The user before the session, in the order of `editUser`: the other way round the two would wait for each other.
      const user = await this.accounts.hold(transaction, family.user_id);
      if (user === undefined || user.disabled) return undefined;
      const rotated = await this.families.rotate(transaction, token.sessionId, token.generation, clientOf(call).ip);
      return rotated === undefined ? undefined : this.issuer.signedIn(transaction, user, rotated);
    });
    if (signedIn !== undefined) {
      this.journal.refreshed();
      return signedIn;
    }
    await this.endReplayed(token, family.user_id, call);
    throw this.refused();
  }

  async logout({ refreshToken, all }: Logout, call: Call): Promise<void> {
    const { userId, sessionId } = userOf(call);
    if (all === true) return void (await this.end(userId, 'all', 'signed_out_everywhere', call));
    const own = refreshToken === undefined ? sessionId : await this.ownSessionOf(refreshToken, userId);
    if (own !== undefined) await this.end(userId, own, 'signed_out', call);
  }

  async sessions(_input: object, call: Call): Promise<SessionList> {
    const { userId, sessionId } = userOf(call);
    const rows = await this.families.ofUser(userId);
    return {
      items: rows.map((row) => ({
        id: row.id,
        device: deviceName(row.device),
        ip: row.ip,
        createdAt: row.created_at.toISOString(),
        lastSeenAt: row.last_seen_at.toISOString(),
        current: row.id === sessionId,
      })),
    };
  }

  async endSession({ id }: ById, call: Call): Promise<void> {
    const ended = await this.end(userOf(call).userId, id, 'session_ended', call);
    if (ended.length === 0) throw notFound();
  }

  async jwks(): Promise<JsonWebKeySet> {
    return { keys: await this.keys.published() };
  }

  async revocations(): Promise<RevocationList> {
    return { items: await this.families.revocations() };
  }

  private refused(): Error {
    this.journal.refreshRefused();
    return authApi.refuse('auth.bad_refresh_token', 'Sign in again');
  }

  private async ownSessionOf(refreshToken: string, userId: string): Promise<string | undefined> {
    const token = parseRefreshToken(refreshToken);
    const session = token === undefined ? undefined : await this.families.byId(token.sessionId);
    if (token === undefined || session === undefined || session.user_id !== userId) return undefined;
    if (!(await this.keys.madeRefreshToken(token, session.salt))) return undefined;
    return session.id;
  }

  /** A token of this family was used twice: one of the two users of it is a thief, so neither goes on. */
  private async endReplayed({ sessionId, generation }: ParsedRefreshToken, userId: string, call: Call): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const ended = await this.families.endReplayed(transaction, sessionId, generation);
      if (ended.length === 0) return;
      await this.ends.tell(transaction, ended, { userId, action: 'refresh_token_replayed', call });
      this.messages.notice(transaction, userId, 'session_replay');
      transaction.afterCommit(() => this.journal.refreshReplayed(userId, sessionId));
    });
  }

  private end(userId: string, sessionId: string | 'all', action: string, call: Call): Promise<Revocation[]> {
    return this.database.transaction(async (transaction) => {
      const ended = await this.families.end(transaction, userId, sessionId);
      await this.ends.tell(transaction, ended, { userId, action, call });
      return ended;
    });
  }
}
