import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { v7 as uuidv7 } from 'uuid';
import { ACCESS_TOKEN_SECONDS } from '#libs/auth/access-token';
import {
  authApi,
  type JsonWebKeySet,
  type Login,
  type Logout,
  type Refresh,
  type Register,
  type Revocation,
  type RevocationList,
  type SessionId,
  type SessionList,
  type SignedIn,
} from '#libs/contracts/auth';
import { type Call, userOf } from '#libs/contracts/call';
import { notFound } from '#libs/contracts/errors';
import { BusClient } from '#libs/messaging/bus-client';
import { Signals } from '#libs/messaging/signals';
import { Database, type Transaction } from '#libs/persistence/database';
import { isUniqueViolation } from '#libs/persistence/database-errors';
import { keepInDevInbox } from '#libs/runtime/dev-inbox';
import { AccountRepository, type UserRow, userOfRow } from './account.repository.ts';
import { isGuessable, Passwords } from './passwords.ts';
import { SessionRepository, type SessionRow } from './session.repository.ts';
import { LIMITS_REDIS, SignInLimits } from './sign-in-limits.ts';
import { parseRefreshToken, SigningKeys } from './signing-keys.ts';
import { VerificationMail } from './verification-mail.ts';

/** Signing in, staying signed in, and signing out. */
@Injectable()
export class SessionHandlers {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountRepository,
    private readonly families: SessionRepository,
    private readonly keys: SigningKeys,
    private readonly passwords: Passwords,
    private readonly limits: SignInLimits,
    private readonly mail: VerificationMail,
    private readonly signals: Signals,
    private readonly bus: BusClient,
    @Inject(LIMITS_REDIS) private readonly redis: Redis,
  ) {}

  async register({ email, password, name, phone }: Register, call: Call): Promise<SignedIn> {
    if (isGuessable(password, email))
      throw authApi.refuse('auth.password_breached', 'This password is on lists that are tried first; choose another');
    const passwordHash = await this.passwords.hash(password);
    try {
      return await this.database.transaction(async (transaction) => {
        const user = await this.accounts.create(transaction, { id: uuidv7(), email, name, phone, passwordHash });
        const session = await this.families.create(transaction, user.id, ...clientOf(call));
        await this.accounts.note(transaction, 'registered', { userId: user.id, ip: clientOf(call)[1] });
        const token = await this.mail.prepare(transaction, user.id);
        transaction.afterCommit(() => this.mail.send(email, name, token));
        return this.signedIn(user, session);
      });
    } catch (error) {
      if (isUniqueViolation(error, 'users_email'))
        throw authApi.refuse('auth.email_taken', 'There is already an account with this e-mail address');
      throw error;
    }
  }

  async login({ email, password }: Login, call: Call): Promise<SignedIn> {
    const [device, ip] = clientOf(call);
    await this.limits.admit(email, ip);
    const user = await this.accounts.byEmail(email);
    const isRight = await this.passwords.matches(user?.password_hash, password);
    if (user === undefined || !isRight || user.disabled) {
      await this.limits.failed(email, ip);
      await this.accounts.note(this.database, 'sign_in_failed', { ...(user === undefined ? {} : { userId: user.id }), ip });
      throw authApi.refuse('auth.bad_credentials', 'E-mail address or password is wrong');
    }
    await this.limits.succeeded(email, ip);
    const session = await this.families.create(this.database, user.id, device, ip);
    await this.accounts.note(this.database, 'signed_in', { userId: user.id, ip });
    return this.signedIn(user, session);
  }

  async refresh({ refreshToken }: Refresh, call: Call): Promise<SignedIn> {
    const token = parseRefreshToken(refreshToken);
    const family = token === undefined ? undefined : await this.families.byId(token.sessionId);
    if (token === undefined || family === undefined || !this.keys.madeRefreshToken(token, family.salt)) throw badRefreshToken();
    const rotated = await this.families.rotate(token.sessionId, token.generation);
    if (rotated === undefined) {
      if (family.ended_at === null) await this.endStolen(family, call);
      throw badRefreshToken();
    }
    const user = await this.accounts.byId(rotated.user_id);
    if (user === undefined || user.disabled) throw badRefreshToken();
    return this.signedIn(user, rotated);
  }

  async logout({ refreshToken, all }: Logout, call: Call): Promise<void> {
    const { userId, sessionId } = userOf(call);
    const given = refreshToken === undefined ? undefined : await this.ownSessionOf(refreshToken, userId);
    if (refreshToken !== undefined && given === undefined && all !== true) return;
    await this.end(userId, all === true ? 'all' : (given ?? sessionId), 'signed_out');
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

  async endSession({ id }: SessionId, call: Call): Promise<void> {
    const ended = await this.end(userOf(call).userId, id, 'session_ended');
    if (ended.length === 0) throw notFound();
  }

  async jwks(_input: object, _call: Call): Promise<JsonWebKeySet> {
    return { keys: this.keys.published };
  }

  async revocations(_input: object, _call: Call): Promise<RevocationList> {
    return { items: await this.families.revocations() };
  }

  private async ownSessionOf(refreshToken: string, userId: string): Promise<string | undefined> {
    const token = parseRefreshToken(refreshToken);
    const session = token === undefined ? undefined : await this.families.byId(token.sessionId);
    if (token === undefined || session === undefined || session.user_id !== userId || !this.keys.madeRefreshToken(token, session.salt))
      return undefined;
    return session.id;
  }

  /** A token of this family was used twice: one of the two users of it is a thief, so neither goes on. */
  private async endStolen(family: SessionRow, call: Call): Promise<void> {
    await this.end(family.user_id, family.id, 'refresh_token_replayed', clientOf(call)[1]);
    const user = await this.accounts.byId(family.user_id);
    if (user?.email !== null && user?.email !== undefined) {
      const text = 'A sign-in of yours was used from two places. We have ended it on both. If that was not you, change your password.';
      await keepInDevInbox(this.redis, { channel: 'mail', to: user.email, subject: 'We signed a device out', text }).catch(() => undefined);
    }
  }

  private async end(userId: string, sessionId: string | 'all', action: string, ip?: string): Promise<Revocation[]> {
    const revocations = await this.database.transaction(async (transaction: Transaction) => {
      const ended = await this.families.end(transaction, userId, sessionId, this.bus.clock.now() + 1);
      await this.accounts.note(transaction, action, { userId, ...(ip === undefined ? {} : { ip }) });
      return ended;
    });
    for (const revocation of revocations) this.signals.send(authApi.signals.revoked, revocation);
    return revocations;
  }

  private signedIn(user: UserRow, session: SessionRow): SignedIn {
    return {
      user: userOfRow(user),
      accessToken: this.keys.accessToken(user.id, session.id, user.roles),
      refreshToken: this.keys.refreshToken(session),
      expiresIn: ACCESS_TOKEN_SECONDS,
    };
  }
}

const badRefreshToken = (): Error => authApi.refuse('auth.bad_refresh_token', 'Sign in again');
const clientOf = ({ client }: Call): [device: string, ip: string] => [client?.agent ?? '', client?.ip ?? ''];
