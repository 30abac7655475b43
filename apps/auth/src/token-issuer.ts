import { Injectable } from '@nestjs/common';
import { ACCESS_TOKEN_SECONDS } from '#libs/auth/access-token';
import type { SignedIn } from '#libs/contracts/auth/views';
import { BusClient } from '#libs/messaging/bus-client';
import type { Transaction } from '#libs/persistence/transaction';

import { type UserRow, userOfRow } from './account.repository.ts';
import { PeerKeys } from './peer-keys.ts';
import { SessionRepository, type SessionRow } from './session.repository.ts';
import { SigningKeys } from './signing-keys.ts';
import { type FactorKind, StaffFactor } from './staff-factor.ts';

/** What a sign-in answers, before the gateway may put the refresh token into a cookie. */
export type Issued = SignedIn & { readonly refreshToken: string };

/** The first factor was right, and the account has a second. */
export interface FactorAsked {
  readonly mfaRequired: true;
  readonly mfaToken: string;
  readonly mfaMethods: FactorKind[];
  /** Seconds that the token is good for. */
  readonly expiresIn: number;
}

@Injectable()
export class TokenIssuer {
  constructor(
    private readonly keys: SigningKeys,
    private readonly peers: PeerKeys,
    private readonly families: SessionRepository,
    private readonly bus: BusClient,
    private readonly staff: StaffFactor,
  ) {}

  /** To be awaited before the transaction: what signs the tokens is known to the other replicas. */
  ready(): Promise<void> {
    return this.peers.announced();
  }

  /**
   * Tokens for a user whose row `transaction` holds (`AccountRepository.hold`): a change of roles is then either before them, and in them, or
   * after them, and refuses them. They are stamped no earlier than the user's newest revocation, so that a sign-in right after it is good.
   */
  async signedIn(transaction: Transaction, user: UserRow, session: SessionRow): Promise<Issued> {
    const issuedAt = Math.max(this.bus.clock.now(), await this.families.revokedBefore(transaction, user.id));
    const { roles, isResting } = this.staff.rolesIn(user, session.is_strong);
    return {
      user: userOfRow(user),
      accessToken: this.keys.accessToken(user.id, session.id, roles, issuedAt),
      refreshToken: this.keys.refreshToken(session),
      expiresIn: ACCESS_TOKEN_SECONDS,
      ...(isResting ? { enrolmentRequired: true } : {}),
    };
  }
}
