import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trustKey } from '#libs/messaging/keys';
import { PublishedTrust } from '#libs/runtime/published-trust';
import { GatewayFixture, START_LIMIT_MS } from './gateway-fixture.ts';

/** A process that starts while auth is away. */
let fixture: GatewayFixture;
beforeAll(async () => {
  fixture = await GatewayFixture.start();
});
afterAll(() => fixture.stop());

const asks = async (url: string, token: string): Promise<number> =>
  (await fetch(`${url}/api/auth/me`, { headers: { authorization: `Bearer ${token}` } })).status;

describe('a gateway that starts while auth is away', () => {
  it('is not ready by what somebody without the bus secret left in Redis', async () => {
    await fixture.leaveAuth();
    const forged = JSON.stringify({ keys: fixture.keys });
    await fixture.bus.commands.hset(trustKey, { keys: `${'A'.repeat(48)}.${forged}`, revocations: `${'A'.repeat(48)}.{"items":[]}` });
    const trust = new PublishedTrust(fixture.bus);
    await expect(trust.keys()).rejects.toThrow('auth has published no keys');
    await expect(trust.revocations()).rejects.toThrow('auth has published no revocations');
  });

  it(
    'is ready by what auth published last, knows its tokens, and refuses a session that had ended',
    async () => {
      const [alive, ended] = [uuidv7(), uuidv7()];
      const [good, revoked, strange] = [fixture.token({ sessionId: alive }), fixture.token({ sessionId: ended }), 'a.b.c'];
      fixture.revocation('session', ended);
      await new PublishedTrust(fixture.bus).keep({ keys: fixture.keys }, { items: fixture.revocations });
      const { url } = await fixture.gateway();
      // Auth itself cannot answer; a token that is not good is told so nevertheless.
      expect([await asks(url, good), await asks(url, revoked), await asks(url, strange)]).toEqual([503, 401, 401]);
    },
    START_LIMIT_MS,
  );
});
