import { describe, expect, it } from 'vitest';
import { authApi } from '#libs/contracts/auth/api';
import { Refusal } from '#libs/contracts/errors';
import { settings } from '#libs/runtime/settings';
import type { EdgeReply, EdgeRequest } from './edge-request.ts';
import { gatewayEnv } from './gateway.env.ts';
import { TokenCookie } from './token-cookie.ts';

const { login, refresh, logout, me } = authApi.operations;
const SHOP = 'https://shop.example';
const TOKEN = '018f0000-0000-7000-8000-000000000000.1.seal_of-it';

const cookieOf = (publicUrl: string | undefined, origins = ''): TokenCookie =>
  new TokenCookie(
    gatewayEnv.read({ ...(origins === '' ? {} : { CORS_ORIGINS: origins }) }),
    settings.read({ BUS_SECRET: 'x'.repeat(40), ...(publicUrl === undefined ? {} : { PUBLIC_URL: publicUrl }) }),
  );
// Only what the cookie looks at; Fastify's own request and reply need a socket.
const from = (headers: Record<string, string>, host = 'shop.example'): EdgeRequest =>
  ({ headers: { 'x-token-transport': 'cookie', ...headers }, protocol: 'https', host }) as unknown as EdgeRequest;
function replyOf(): { reply: EdgeReply; headers: Record<string, string> } {
  const headers: Record<string, string> = {};
  return { headers, reply: { header: (name: string, value: string) => Object.assign(headers, { [name]: value }) } as unknown as EdgeReply };
}
const codeOf = (work: () => unknown): string => {
  try {
    return String(work());
  } catch (error) {
    return error instanceof Refusal ? error.code : String(error);
  }
};

describe('a refresh token in a cookie', () => {
  it('is asked for by a header, on the operations that have one', () => {
    const cookie = cookieOf(SHOP);
    expect(cookie.carries(login, from({ origin: SHOP }))).toBe(true);
    expect(cookie.carries(login, { headers: {} } as unknown as EdgeRequest)).toBe(false);
    expect(cookie.carries(me, from({}))).toBe(false);
    expect(codeOf(() => cookie.carries(login, from({ 'x-token-transport': 'body', origin: SHOP })))).toBe('validation_failed');
  });

  it('is for pages of the shop and of allowed origins', () => {
    const cookie = cookieOf(SHOP, 'https://admin.example');
    for (const origin of [SHOP, 'https://admin.example']) expect(cookie.carries(refresh, from({ origin }))).toBe(true);
    expect(cookie.carries(refresh, from({ origin: 'https://other-name.example' }, 'other-name.example'))).toBe(true);
    for (const origin of [
      'https://evil.example',
      'https://shop.example.evil.example',
      'http://shop.example',
      'null',
      'https://shop.example:8443',
    ])
      expect(codeOf(() => cookie.carries(refresh, from({ origin })))).toBe('forbidden');
    expect(codeOf(() => cookie.carries(refresh, from({})))).toBe('forbidden');
  });

  it('is set for its host alone, out of reach of scripts and other sites, and is in no body', () => {
    const { reply, headers } = replyOf();
    const answer = cookieOf(SHOP).takeToken(
      login,
      reply,
      Buffer.from(JSON.stringify({ accessToken: 'a', refreshToken: TOKEN, expiresIn: 900 })),
    );
    expect(JSON.parse(answer.toString())).toEqual({ accessToken: 'a', expiresIn: 900 });
    expect(headers['set-cookie']).toBe(`__Host-only2u_refresh=${TOKEN}; Path=/; Max-Age=2592000; HttpOnly; Secure; SameSite=Strict`);
  });

  it('has neither prefix nor Secure on plain http', () => {
    const { reply, headers } = replyOf();
    cookieOf(undefined).takeToken(login, reply, Buffer.from(JSON.stringify({ refreshToken: TOKEN })));
    expect(headers['set-cookie']).toBe(`only2u_refresh=${TOKEN}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict`);
  });

  it('takes the place of the one that a refresh leaves out', () => {
    const cookie = cookieOf(SHOP);
    const request = from({ origin: SHOP, cookie: `theme=dark; __Host-only2u_refresh=${TOKEN}; other=1` });
    for (const body of ['', '{}', ' { }'.replace(' }', '}')])
      expect(JSON.parse(cookie.bodyWithToken(refresh, request, Buffer.from(body)).toString())).toEqual({ refreshToken: TOKEN });
    expect(codeOf(() => cookie.bodyWithToken(refresh, request, Buffer.from('{"refreshToken":"x"}')))).toBe('validation_failed');
    for (const other of ['', 'only2u_refresh=x', 'x__Host-only2u_refresh=x', '__Host-only2u_refresh='])
      expect(codeOf(() => cookie.bodyWithToken(refresh, from({ origin: SHOP, cookie: other }), Buffer.from('{}')))).toBe('unauthenticated');
    expect(cookie.bodyWithToken(logout, request, Buffer.from('{}')).toString()).toBe('{}');
  });

  it('goes with the end of the session', () => {
    const { reply, headers } = replyOf();
    cookieOf(SHOP).takeToken(logout, reply, Buffer.alloc(0));
    expect(headers['set-cookie']).toContain('__Host-only2u_refresh=; Path=/; Max-Age=0;');
  });

  it('is not set where the answer has none, as before a second factor', () => {
    const { reply, headers } = replyOf();
    const answer = cookieOf(SHOP).takeToken(login, reply, Buffer.from('{"mfaRequired":true}'));
    expect([answer.toString(), headers]).toEqual(['{"mfaRequired":true}', {}]);
  });
});
