import { Injectable } from '@nestjs/common';
import type { JsonWebKey } from '#libs/contracts/auth/views';
import { Rounds } from '#libs/runtime/rounds';
import { SigningKeyRepository } from './signing-key.repository.ts';
import { type ParsedRefreshToken, SigningKeys } from './signing-keys.ts';

const ANNOUNCE_MS = 60_000;
/** Longer than any access token lives. */
const PUBLISHED_MINUTES = 20;

/**
 * While a key is changed, replicas with the new one and with the old one run side by side. Each announces the key it signs with, and knows the
 * tokens of all: their public keys are published, and the secrets of their refresh tokens are opened with the key that both have.
 */
@Injectable()
export class PeerKeys {
  private announcing: Promise<void> | undefined;

  constructor(
    private readonly own: SigningKeys,
    private readonly peers: SigningKeyRepository,
    rounds: Rounds,
  ) {
    rounds.every('auth.announce_key', { everyMs: ANNOUNCE_MS, atOnce: true }, () => this.announce());
  }

  /** To be awaited before a token is made: no other replica could read it before. */
  announced(): Promise<void> {
    return this.announcing ?? this.announce();
  }

  async published(): Promise<JsonWebKey[]> {
    const own = this.own.published;
    const peers = await this.peers.published(PUBLISHED_MINUTES);
    return [...own, ...peers.filter(({ kid }) => !own.some((one) => one.kid === kid))];
  }

  /** Whether a replica of ours made this token, whichever generation of the family it is. */
  async madeRefreshToken(token: ParsedRefreshToken, salt: string): Promise<boolean> {
    if (this.own.madeRefreshToken(token, salt)) return true;
    const wrapped = await this.peers.wrappedBy(this.own.published.map(({ kid }) => kid));
    return wrapped.some((secret) => this.own.madeWithWrapped(secret, token, salt));
  }

  private announce(): Promise<void> {
    const announcing = this.peers.announce(this.own.announcement);
    this.announcing = announcing;
    announcing.catch(() => {
      if (this.announcing === announcing) this.announcing = undefined;
    });
    return announcing;
  }
}
