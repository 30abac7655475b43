import { RevocationList } from '#libs/contracts/auth/messages';
import { JsonWebKeySet } from '#libs/contracts/auth/views';
import type { Class } from '#libs/contracts/schema';
import { parseJson, readEvent } from '#libs/contracts/shape';
import type { BusClient } from '#libs/messaging/bus-client';
import { trustKey } from '#libs/messaging/keys';

/**
 * The public keys and revocations that auth published last, kept and signed where a process finds them that starts while auth is away: without
 * them it could not tell whose request it has. Who is there already goes on with what it knows.
 */
export class PublishedTrust {
  constructor(private readonly bus: BusClient) {}

  /** Auth's, after each change and again after a while: Redis may have lost it. */
  async keep(keys: JsonWebKeySet, revocations: RevocationList): Promise<void> {
    const { commands, seals } = this.bus;
    await commands.hset(trustKey, {
      keys: seals.seal(placeOf('keys'), JSON.stringify(keys)),
      revocations: seals.seal(placeOf('revocations'), JSON.stringify(revocations)),
    });
  }

  keys(): Promise<JsonWebKeySet> {
    return this.read('keys', JsonWebKeySet);
  }

  revocations(): Promise<RevocationList> {
    return this.read('revocations', RevocationList);
  }

  /** Throws where nothing is kept that is auth's. */
  private async read<T extends object>(part: string, type: Class<T>): Promise<T> {
    const content = this.bus.seals.open(placeOf(part), await this.bus.commands.hget(trustKey, part));
    if (content === undefined) throw new Error(`auth has published no ${part}`);
    // A newer auth may have kept more.
    return readEvent(type, parseJson(content));
  }
}

const placeOf = (part: string): string => `${part} that auth published`;
