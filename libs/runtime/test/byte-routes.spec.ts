import { Readable } from 'node:stream';
import { fastify } from 'fastify';
import { describe, expect, it } from 'vitest';
import { Access } from '#libs/auth/access';
import type { Call, Role } from '#libs/contracts/call';
import { type ByteAnswer, contract, operation } from '#libs/contracts/contract';
import { notFound, refuse } from '#libs/contracts/errors';
import { Text } from '#libs/contracts/fields';
import { Envelopes, type RequestHeader } from '#libs/messaging/envelope';
import { Seals } from '#libs/messaging/seals';
import { byteRoute, ENVELOPE_HEADER, serveBytes } from '../byte-routes.ts';
import { Serving } from '../serving.ts';

class NameOf {
  @Text(1, 20) name!: string;
}
const api = contract('papers', {
  operations: {
    read: operation({
      summary: 'A paper',
      access: 'user',
      http: 'GET /papers/:name',
      in: NameOf,
      bytes: true,
      errors: { 'papers.not_yet': 'conflict' },
    }),
    look: operation({ summary: 'A picture', access: 'public', http: 'GET /pictures/:name', in: NameOf, bytes: true }),
  },
});

const envelopes = new Envelopes(new Seals({ present: 'a bus secret of tests, long enough to pass' }));
const claims = { userId: 'u1', sessionId: 's1', roles: ['support'] as Role[], issuedAt: 0, notBefore: 0, expiresAt: 0 };
const access = new Access(
  {
    verify: async (token: string) => {
      if (token !== 'good') throw refuse('unauthenticated');
      return claims;
    },
  } as never,
  { covers: ({ sessionId }: { sessionId: string }) => sessionId === 'ended' } as never,
);

/** As of a store that opens an object and then gives none of its bytes. */
const lost = (): Readable =>
  new Readable({
    read() {
      setImmediate(() => this.destroy(new Error('the store broke off at 42')));
    },
  });

const calls: Call[] = [];
const handlers = {
  read: async ({ name }: NameOf, call: Call): Promise<ByteAnswer> => {
    calls.push(call);
    if (name === 'none') throw notFound();
    if (name === 'early') throw api.refuse('papers.not_yet', 'Not yet');
    if (name === 'broken') throw new Error('the secret is 42');
    return { body: Buffer.from('%PDF-'), mime: 'application/pdf', maxAge: 0, fileName: `${name}.pdf` };
  },
  look: async ({ name }: NameOf): Promise<ByteAnswer> => {
    const source = {
      size: 6,
      etag: 'tag',
      open: async () => (name === 'lost' ? lost() : Readable.from([Buffer.from('<s'), Buffer.from('vg/>')])),
    };
    return { body: name === 'one' ? Buffer.from('<svg/>') : source, mime: 'image/svg+xml', maxAge: 60 };
  },
};

const server = fastify();
serveBytes({ getHttpAdapter: () => ({ getInstance: () => server }) } as never, api, handlers as never, new Serving(access, undefined), {
  envelopes,
  instance: 'papers-1',
  clock: { now: () => Date.now() },
} as never);

function ask(name: string, change: Partial<RequestHeader> = {}, which: 'read' | 'look' = 'read') {
  const now = Date.now();
  const header: RequestHeader = {
    id: 'm1',
    pattern: api.operations[which].key,
    from: 'gateway',
    replyTo: '',
    deadline: now + 1_000,
    sentAt: now,
    receivedAt: now,
    requestId: 'request-1',
    to: 'papers-1',
    user: claims,
    path: { name },
    ...change,
  };
  return server.inject({
    url: byteRoute(api.operations[which]),
    headers: { [ENVELOPE_HEADER]: envelopes.seal(header, '').toString('base64url') },
  });
}

describe('an operation that answers with bytes', () => {
  it('knows the caller', async () => {
    expect((await ask('one')).statusCode).toBe(200);
    expect(calls.at(-1)?.actor).toEqual({ kind: 'user', userId: 'u1', sessionId: 's1', roles: ['support'] });
  });

  it('is for nobody without a good token, and for no message that the bus did not seal for it', async () => {
    const before = calls.length;
    expect((await ask('one', { token: 'bad' })).statusCode).toBe(401);
    expect((await ask('one', { user: undefined as never })).statusCode).toBe(401);
    expect((await ask('one', { user: { ...claims, sessionId: 'ended' } })).statusCode).toBe(401);
    // Of the process that had this address before it: asked again, the gateway finds this one.
    expect((await ask('one', { to: 'papers-2' })).statusCode).toBe(503);
    expect((await ask('one', { to: undefined as never })).statusCode).toBe(403);
    expect((await ask('one', { pattern: api.operations.look.key })).statusCode).toBe(403);
    expect((await server.inject({ url: byteRoute(api.operations.read) })).statusCode).toBe(403);
    expect((await ask('one', { deadline: Date.now() - 1 })).statusCode).toBe(504);
    expect(calls).toHaveLength(before);
  });

  it('gives a private paper its name, and lets nobody keep it', async () => {
    const { headers } = await ask('one');
    expect(headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-disposition': 'inline; filename="one.pdf"',
      'cache-control': 'private, no-store',
    });
    const picture = await ask('one', {}, 'look');
    expect(picture.headers['cache-control']).toBe('public, max-age=60, immutable');
    expect(picture.headers['content-disposition']).toBeUndefined();
  });

  it('streams what is kept elsewhere, and is unavailable when not even its first bytes come', async () => {
    const kept = await ask('kept', {}, 'look');
    expect([kept.statusCode, kept.body, kept.headers.etag]).toEqual([200, '<svg/>', '"tag"']);
    const gone = await ask('lost', {}, 'look');
    expect([gone.statusCode, gone.json().code, gone.body.includes('42')]).toEqual([503, 'unavailable', false]);
  });

  it('refuses as any other: the codes it declares, and of everything else not a word', async () => {
    expect((await ask('none')).statusCode).toBe(404);
    const early = await ask('early');
    expect([early.statusCode, early.json().code]).toEqual([409, 'papers.not_yet']);
    const broken = await ask('broken');
    expect([broken.statusCode, broken.body.includes('42')]).toEqual([500, false]);
    expect((await ask('x'.repeat(21))).statusCode).toBe(400);
  });
});
