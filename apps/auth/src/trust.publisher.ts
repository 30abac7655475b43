import { Injectable } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import { Signals } from '#libs/messaging/signals';
import { PublishedTrust } from '#libs/runtime/published-trust';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { PeerKeys } from './peer-keys.ts';
import { SessionRepository } from './session.repository.ts';

const EVERY_MS = 5_000;
const REPEAT_EVERY_MS = 2_000;
/** A revocation is signalled again so long: the first signal may have died with the replica that was to send it. */
const REPEATED_FOR_SECONDS = 10;

/**
 * Keeps keys and revocations where processes find them that start while this service is away, and repeats new revocations to those that
 * missed their signal.
 */
@Injectable()
export class TrustPublisher {
  private readonly round: Round;

  constructor(
    private readonly trust: PublishedTrust,
    private readonly keys: PeerKeys,
    private readonly sessions: SessionRepository,
    private readonly signals: Signals,
    rounds: Rounds,
  ) {
    this.round = rounds.every('auth.publish_trust', { everyMs: EVERY_MS, atOnce: true }, () => this.publish());
    rounds.every('auth.repeat_revocations', REPEAT_EVERY_MS, () => this.repeat());
  }

  /** After a revocation, so that none is missing should this service go away now. */
  changed(): void {
    this.round.wake();
  }

  private async repeat(): Promise<void> {
    for (const revocation of await this.sessions.revocationsSince(REPEATED_FOR_SECONDS))
      this.signals.send(authApi.signals.revoked, revocation);
  }

  async publish(): Promise<void> {
    const [keys, items] = await Promise.all([this.keys.published(), this.sessions.revocations()]);
    await this.trust.keep({ keys }, { items });
  }
}
