import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { codeOf } from '#libs/testing/builders';
import { Access } from './access.ts';
import { AccessTokens, TOKEN_AUDIENCE, TOKEN_ISSUER, TOKEN_TYPE } from './access-token.ts';
import { Revocations } from './revocations.ts';

const NOW = 1_795_000_000_000;
const ours = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KID = 'key-1';

const publicJwk = (key: KeyObject, kid: string) => ({
  ...(key.export({ format: 'jwk' }) as { kty: string; crv: string; x: string; y: string }),
  kid,
  alg: 'ES256',
  use: 'sig',
});
const payload = (change: object = {}): object => ({
  sub: 'user-1',
  sid: 'session-1',
  roles: ['customer'],
  iat: NOW / 1_000,
  nbf: NOW / 1_000,
  exp: NOW / 1_000 + 900,
  iss: TOKEN_ISSUER,
  aud: TOKEN_AUDIENCE,
  ...change,
});
const sign = (body: object, header: object = {}, key: KeyObject = ours.privateKey): string =>
  jwt.sign(body, key, { algorithm: 'ES256', header: { alg: 'ES256', typ: TOKEN_TYPE, kid: KID, ...header } as never });
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

let tokens: AccessTokens;
let reads: number;
beforeEach(() => {
  reads = 0;
  tokens = new AccessTokens(async () => {
    reads += 1;
    return { keys: [publicJwk(ours.publicKey, KID)] };
  });
});

describe('an access token', () => {
  it('of ours names its user, session and roles', async () => {
    expect(await tokens.verify(sign(payload()), NOW)).toMatchObject({ userId: 'user-1', sessionId: 'session-1', roles: ['customer'] });
  });

  const hmacWithPublicKey = (): string => {
    const head = `${encoded({ alg: 'HS256', typ: TOKEN_TYPE, kid: KID })}.${encoded(payload({ roles: ['admin'] }))}`;
    return `${head}.${createHmac('sha256', ours.publicKey.export({ type: 'spki', format: 'pem' }))
      .update(head)
      .digest('base64url')}`;
  };
  const altered = (): string => {
    const [head, , signature] = sign(payload()).split('.');
    return `${head}.${encoded(payload({ roles: ['admin'] }))}.${signature}`;
  };
  it.each([
    ['without a signature (alg none)', () => `${encoded({ alg: 'none', typ: TOKEN_TYPE, kid: KID })}.${encoded(payload())}.`],
    ['signed by HMAC with our public key', hmacWithPublicKey],
    ['of a foreign key under our key id', () => sign(payload(), {}, foreign.privateKey)],
    ['of a foreign key that it brings along (jwk)', () => sign(payload(), { jwk: publicJwk(foreign.publicKey, 'x') }, foreign.privateKey)],
    ['of a key at an address it names (jku)', () => sign(payload(), { jku: 'https://attacker.example/keys' })],
    ['with a critical extension', () => sign(payload(), { crit: ['b64'], b64: false })],
    ['of an unknown key id', () => sign(payload(), { kid: '../../dev/null' })],
    ['of another type', () => sign(payload(), { typ: 'JWT' })],
    ['for another audience', () => sign(payload({ aud: 'another-api' }))],
    ['of another issuer', () => sign(payload({ iss: 'https://attacker.example' }))],
    ['whose payload was altered', altered],
    ['without a subject', () => sign(payload({ sub: undefined }))],
    ['longer than any of ours', () => sign(payload({ padding: 'x'.repeat(5_000) }))],
    ['that is no token', () => 'a.b.c'],
  ])('%s is refused', async (_name, forge) => {
    expect(await codeOf(tokens.verify(forge(), NOW))).toBe('unauthenticated');
  });

  it('is good until it expires, and not before its time', async () => {
    const token = sign(payload());
    expect(await codeOf(tokens.verify(token, NOW + 899_000))).toBe('ok');
    expect(await codeOf(tokens.verify(token, NOW + 900_000))).toBe('unauthenticated');
    expect(await codeOf(tokens.verify(token, NOW - 60_000))).toBe('unauthenticated');
  });

  it('of an unknown key makes us read the keys again, but not for everyone who invents one', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] });
    const invented = (): Promise<unknown> =>
      Promise.all(Array.from({ length: 20 }, (_, index) => codeOf(tokens.verify(sign(payload(), { kid: `invented-${index}` }), NOW))));
    await invented();
    expect(reads).toBe(1);
    const refused = invented();
    await vi.advanceTimersByTimeAsync(990);
    expect(reads).toBe(1);
    await vi.advanceTimersByTimeAsync(10);
    expect([await refused, reads]).toEqual([Array(20).fill('unauthenticated'), 2]);
    vi.useRealTimers();
  });

  it('of a key that is announced while the keys are read, or a moment later, is good', async () => {
    const next = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const published = [publicJwk(ours.publicKey, KID)];
    const rotated = new AccessTokens(async () => ({ keys: [...published] }));
    const token = sign(payload(), { kid: 'key-2' }, next.privateKey);
    const early = rotated.read();
    published.push(publicJwk(next.publicKey, 'key-2'));
    expect(await codeOf(rotated.verify(token, NOW))).toBe('ok');
    await early;
  });

  it('stays good while auth changes its key: old and new are both published', async () => {
    const next = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const rotated = new AccessTokens(async () => ({ keys: [publicJwk(next.publicKey, 'key-2'), publicJwk(ours.publicKey, KID)] }));
    expect(await codeOf(rotated.verify(sign(payload()), NOW))).toBe('ok');
    expect(await codeOf(rotated.verify(sign(payload(), { kid: 'key-2' }, next.privateKey), NOW))).toBe('ok');
  });
});

describe('a process that starts while auth is away', () => {
  const away = async (): Promise<never> => {
    throw new Error('auth is away');
  };
  const left = { keys: [publicJwk(ours.publicKey, KID)] };

  it('knows tokens by the keys that auth left behind', async () => {
    const started = new AccessTokens(away, async () => left);
    expect(await codeOf(started.verify(sign(payload()), NOW))).toBe('ok');
    expect(await codeOf(started.verify(sign(payload(), {}, foreign.privateKey), NOW))).toBe('unauthenticated');
  });

  it('is not ready, and lets nobody in, where nothing was left', async () => {
    const started = new AccessTokens(away, away);
    expect([await codeOf(started.verify(sign(payload()), NOW)), started.hasKeys]).toEqual(['unauthenticated', false]);
    const revocations = new Revocations(away, away);
    await revocations.read();
    expect(revocations.isReady).toBe(false);
  });

  it('takes what was left only as long as it has nothing newer', async () => {
    let isUp = true;
    const [older, newer] = ['session-of-old', 'session-1'].map((id) => ({ kind: 'session' as const, id, before: NOW + 1 }));
    const revocations = new Revocations(
      async () => (isUp ? { items: newer === undefined ? [] : [newer] } : away()),
      async () => ({ items: older === undefined ? [] : [older] }),
    );
    await revocations.read();
    isUp = false;
    await revocations.read();
    const claims = { userId: 'user-1', roles: [], issuedAt: NOW, notBefore: NOW, expiresAt: NOW };
    expect(['session-1', 'session-of-old'].map((sessionId) => revocations.covers({ ...claims, sessionId }))).toEqual([true, false]);
  });
});

describe('access', () => {
  const operation = (access: string) => ({ access }) as never;
  const accessWith = (revocations: Revocations): Access => new Access(tokens, revocations);
  const nothingRevoked = new Revocations(async () => ({ items: [] }));

  it('lets the gateway speak for nobody but the token it was given', async () => {
    const access = accessWith(nothingRevoked);
    expect(await codeOf(access.actorFor(operation('user'), { from: 'gateway', receivedAt: NOW }))).toBe('unauthenticated');
    expect(await codeOf(access.actorFor(operation('internal'), { from: 'gateway', token: sign(payload()), receivedAt: NOW }))).toBe(
      'forbidden',
    );
    expect(await access.actorFor(operation('internal'), { from: 'order', receivedAt: NOW })).toEqual({ kind: 'service', name: 'order' });
  });

  it('does not stretch a customer’s token to staff or another user', async () => {
    const access = accessWith(nothingRevoked);
    for (const closed of ['staff', 'admin'])
      expect(await codeOf(access.actorFor(operation(closed), { from: 'order', token: sign(payload()), receivedAt: NOW }))).toBe(
        'forbidden',
      );
    expect(await access.actorFor(operation('user'), { from: 'order', token: sign(payload()), receivedAt: NOW })).toMatchObject({
      userId: 'user-1',
    });
  });

  it('ends a revoked session and a revoked user, not the tokens that came after', async () => {
    const revocations = new Revocations(async () => ({ items: [] }));
    const access = accessWith(revocations);
    const ask = (change: object): Promise<string> =>
      codeOf(access.actorFor(operation('user'), { from: 'gateway', token: sign(payload(change)), receivedAt: NOW }));
    revocations.add({ kind: 'session', id: 'session-1', before: NOW + 1 });
    revocations.add({ kind: 'user', id: 'user-2', before: NOW + 1 });
    expect(await ask({})).toBe('unauthenticated');
    expect(await ask({ sid: 'session-2' })).toBe('ok');
    expect(await ask({ sub: 'user-2', sid: 'session-3' })).toBe('unauthenticated');
    expect(await ask({ sub: 'user-2', sid: 'session-3', iat: (NOW + 2) / 1_000 })).toBe('ok');
  });

  it('keeps the last list while auth cannot be reached', async () => {
    let isUp = true;
    const revocations = new Revocations(async () => {
      if (!isUp) throw new Error('auth is away');
      return { items: [{ kind: 'session', id: 'session-1', before: NOW + 1 }] };
    });
    expect(revocations.isReady).toBe(false);
    await revocations.read();
    isUp = false;
    expect(
      await codeOf(accessWith(revocations).actorFor(operation('user'), { from: 'gateway', token: sign(payload()), receivedAt: NOW })),
    ).toBe('unauthenticated');
  });
});
