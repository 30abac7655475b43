import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { authApi, type Logout, type Refresh } from '#libs/contracts/auth/api';
import type { Revocation, RevocationList } from '#libs/contracts/auth/messages';
import type { JsonWebKeySet, SessionList } from '#libs/contracts/auth/views';
import { type Call, userOf } from '#libs/contracts/call';
import { invalid, notFound } from '#libs/contracts/errors';
import type { ById } from '#libs/contracts/page';
import { Signals } from '#libs/messaging/signals';
import { Database } from '#libs/persistence/database';
import type { Transaction } from '#libs/persistence/transaction';
import { keepInDevInbox } from '#libs/runtime/dev-inbox';
import { AccountRepository } from './account.repository.ts';
import { Journal } from './journal.ts';
import { PeerKeys } from './peer-keys.ts';
import { clientOf, SessionRepository } from './session.repository.ts';
import { LIMITS_REDIS } from './sign-in-limits.ts';
import { type ParsedRefreshToken, parseRefreshToken } from './signing-keys.ts';
import { type Issued, TokenIssuer } from './token-issuer.ts';
import { TrustPublisher } from './trust.publisher.ts';

/** Staying signed in, and signing out. */
@Injectable()
export class SessionHandlers {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountRepository,
    private readonly families: SessionRepository,
    private readonly keys: PeerKeys,
    private readonly issuer: TokenIssuer,
    private readonly signals: Signals,
    private readonly journal: Journal,
    private readonly trust: TrustPublisher,
    @Inject(LIMITS_REDIS) private readonly redis: Redis,
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
      const rotated = await this.families.rotate(transaction, token.sessionId, token.generation);
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
        device: row.device,
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
    const ended = await this.endNoted(
      (transaction) => this.families.endReplayed(transaction, sessionId, generation),
      userId,
      'refresh_token_replayed',
      call,
    );
    if (ended.length === 0) return;
    this.journal.refreshReplayed(userId, sessionId);
    const user = await this.accounts.byId(userId);
    if (user === undefined || user.email === null) return;
    const text =
      'Someone used an old session of yours: a sign-in was used from two places. We have ended it on both. If that was not you, change your password.';
    await keepInDevInbox(this.redis, { channel: 'mail', to: user.email, subject: 'Someone used an old session', text }).catch(
      () => undefined,
    );
  }

  private end(userId: string, sessionId: string | 'all', action: string, call: Call): Promise<Revocation[]> {
    return this.endNoted((transaction) => this.families.end(transaction, userId, sessionId), userId, action, call);
  }

  /** Ends what `work` ends, notes it, and tells the other processes. */
  private async endNoted(
    work: (transaction: Transaction) => Promise<Revocation[]>,
    userId: string,
    action: string,
    call: Call,
  ): Promise<Revocation[]> {
    const revocations = await this.database.transaction(async (transaction) => {
      const ended = await work(transaction);
      const actorId = call.actor.kind === 'user' ? { actorId: call.actor.userId } : {};
      for (const { id } of ended)
        await this.accounts.note(transaction, action, { userId, ...actorId, ip: clientOf(call).ip, detail: { sessionId: id } });
      return ended;
    });
    for (const revocation of revocations) {
      this.signals.send(authApi.signals.revoked, revocation);
      this.journal.sessionEnded(userId, revocation.id, action);
    }
    if (revocations.length > 0) this.trust.changed();
    return revocations;
  }
}
