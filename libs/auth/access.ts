import type { Actor } from '#libs/contracts/call';
import type { AnyOperation } from '#libs/contracts/contract';
import { refuse } from '#libs/contracts/errors';
import type { AccessTokens, Claims } from './access-token.ts';
import type { Revocations } from './revocations.ts';

/** The service that stands at the edge; it may speak for nobody but the token it was given. */
export const GATEWAY = 'gateway';

export interface Sender {
  /** The process that sealed the message. */
  readonly from: string;
  readonly token?: string;
  /** Milliseconds on the bus clock; a token's expiry is judged here, so that a request does not expire between hops. */
  readonly receivedAt: number;
}

/** A user whose token somebody else has checked who may be believed. */
export type VouchedFor = Pick<Claims, 'userId' | 'sessionId' | 'roles' | 'issuedAt'>;

/** Who is asking, and whether the contract lets them. */
export class Access {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly revocations: Revocations,
  ) {}

  /** `vouchedFor`: the user, where they come without a token of theirs. */
  async actorFor(operation: AnyOperation, sender: Sender, vouchedFor?: VouchedFor): Promise<Actor> {
    switch (operation.access) {
      case 'internal':
        if (sender.from === GATEWAY) throw refuse('forbidden', 'This operation is for services');
        return { kind: 'service', name: sender.from };
      case 'public':
      case 'signature':
        return sender.from === GATEWAY ? { kind: 'anonymous' } : { kind: 'service', name: sender.from };
      case 'optional':
        return (await this.user(sender, vouchedFor)) ?? { kind: 'anonymous' };
      default: {
        const user = await this.user(sender, vouchedFor);
        if (user === undefined) throw refuse('unauthenticated');
        if (operation.access === 'admin' && !user.roles.includes('admin')) throw refuse('forbidden');
        if (operation.access === 'staff' && !user.roles.includes('admin') && !user.roles.includes('support')) throw refuse('forbidden');
        return user;
      }
    }
  }

  private async user(
    { token, receivedAt }: Sender,
    vouchedFor: VouchedFor | undefined,
  ): Promise<Extract<Actor, { kind: 'user' }> | undefined> {
    const claims = token === undefined ? vouchedFor : await this.tokens.verify(token, receivedAt);
    if (claims === undefined) return undefined;
    if (this.revocations.covers(claims)) throw refuse('unauthenticated', 'This session has ended');
    return { kind: 'user', userId: claims.userId, sessionId: claims.sessionId, roles: claims.roles };
  }
}
