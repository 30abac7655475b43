import type { Actor } from '#libs/contracts/call';
import type { AnyOperation } from '#libs/contracts/contract';
import { refuse } from '#libs/contracts/errors';
import type { AccessTokens } from './access-token.ts';
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

/** Who is asking, and whether the contract lets them. */
export class Access {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly revocations: Revocations,
  ) {}

  async actorFor(operation: AnyOperation, sender: Sender): Promise<Actor> {
    switch (operation.access) {
      case 'internal':
        if (sender.from === GATEWAY) throw refuse('forbidden', 'This operation is for services');
        return { kind: 'service', name: sender.from };
      case 'public':
      case 'signature':
        return sender.from === GATEWAY ? { kind: 'anonymous' } : { kind: 'service', name: sender.from };
      case 'optional':
        return sender.token === undefined ? { kind: 'anonymous' } : this.user(sender.token, sender.receivedAt);
      default: {
        if (sender.token === undefined) throw refuse('unauthenticated');
        const user = await this.user(sender.token, sender.receivedAt);
        if (operation.access === 'admin' && !user.roles.includes('admin')) throw refuse('forbidden');
        if (operation.access === 'staff' && !user.roles.includes('admin') && !user.roles.includes('support')) throw refuse('forbidden');
        return user;
      }
    }
  }

  private async user(token: string, receivedAt: number): Promise<Extract<Actor, { kind: 'user' }>> {
    const claims = await this.tokens.verify(token, receivedAt);
    if (this.revocations.covers(claims)) throw refuse('unauthenticated', 'This session has ended');
    return { kind: 'user', userId: claims.userId, sessionId: claims.sessionId, roles: claims.roles };
  }
}
