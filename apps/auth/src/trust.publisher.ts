import { Injectable } from '@nestjs/common';
import { PublishedTrust } from '#libs/runtime/published-trust';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { PeerKeys } from './peer-keys.ts';
import { SessionRepository } from './session.repository.ts';

const EVERY_MS = 5_000;

/** Keeps keys and revocations where processes find them that start while this service is away. */
@Injectable()
export class TrustPublisher {
  private readonly round: Round;

  constructor(
    private readonly trust: PublishedTrust,
    private readonly keys: PeerKeys,
    private readonly sessions: SessionRepository,
    rounds: Rounds,
  ) {
    this.round = rounds.every('auth.publish_trust', { everyMs: EVERY_MS, atOnce: true }, () => this.publish());
  }

  /** After a revocation, so that none is missing should this service go away now. */
  changed(): void {
    this.round.wake();
  }

  async publish(): Promise<void> {
    const [keys, items] = await Promise.all([this.keys.published(), this.sessions.revocations()]);
    await this.trust.keep({ keys }, { items });
  }
}
