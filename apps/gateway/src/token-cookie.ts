import { Injectable } from '@nestjs/common';
import type { AnyOperation } from '#libs/contracts/contract';
import { invalid, refuse } from '#libs/contracts/errors';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { InjectSettings } from '#libs/runtime/core.module';
import { publicUrl, type Settings } from '#libs/runtime/settings';
import type { EdgeReply, EdgeRequest } from './edge-request.ts';
import { type GatewayEnv, gatewayEnv } from './gateway.env.ts';
import { isAllowedOrigin } from './origins.ts';

const HEADER = 'x-token-transport';
const NAME = 'only2u_refresh';
/** As long as a session lasts without a refresh. */
const MAX_AGE_SECONDS = 30 * 86_400;

/**
 * The refresh token of a browser, where no script can read it. `SameSite=Strict` and the check of the origin keep other sites from using it;
 * the prefix `__Host-` keeps other hosts of the domain from setting it (RFC 6265bis).
 */
@Injectable()
export class TokenCookie {
  private readonly home: string;
  private readonly isSecure: boolean;

  constructor(
    @InjectEnvironment(gatewayEnv) private readonly env: GatewayEnv,
    @InjectSettings() settings: Settings,
  ) {
    const { origin, protocol } = new URL(publicUrl(settings));
    this.home = origin;
    // A browser does not keep a secure cookie that came over plain http.
    this.isSecure = protocol === 'https:';
  }

  /** Whether this call's refresh token travels in the cookie. Throws for a page of another site. */
  carries(operation: AnyOperation, request: EdgeRequest): boolean {
    if (operation.refreshToken === undefined) return false;
    const wish = request.headers[HEADER];
    if (wish === undefined) return false;
    if (wish !== 'cookie') throw invalid([{ path: 'X-Token-Transport', message: 'must be cookie' }]);
    if (!this.isOurs(request.headers.origin, request)) throw refuse('forbidden', 'This page may not use the session cookie');
    return true;
  }

  /** The body with the cookie's token in the place of the one that the client leaves out. */
  bodyWithToken(operation: AnyOperation, request: EdgeRequest, body: Buffer): Buffer {
    if (operation.refreshToken !== 'renews') return body;
    if (body.length > 0 && body.toString().trim() !== '{}') throw invalid([{ path: 'refreshToken', message: 'is in the cookie; send {}' }]);
    const refreshToken = this.tokenIn(request.headers.cookie ?? '');
    if (refreshToken === undefined) throw refuse('unauthenticated');
    return Buffer.from(JSON.stringify({ refreshToken }));
  }

  /** Puts the answer's refresh token into the cookie; what is answered lacks it. After the end of the session there is no cookie. */
  takeToken(operation: AnyOperation, reply: EdgeReply, answer: Buffer): Buffer {
    if (operation.refreshToken === 'ends') {
      reply.header('set-cookie', this.cookie('', 0));
      return answer;
    }
    const { refreshToken, ...others } = JSON.parse(answer.toString()) as { refreshToken?: string };
    if (refreshToken !== undefined) reply.header('set-cookie', this.cookie(refreshToken, MAX_AGE_SECONDS));
    return Buffer.from(JSON.stringify(others));
  }

  private isOurs(origin: string | undefined, request: EdgeRequest): boolean {
    if (origin === undefined) return false;
    return origin === this.home || origin === `${request.protocol}://${request.host}` || isAllowedOrigin(origin, this.env.CORS_ORIGINS);
  }

  private tokenIn(header: string): string | undefined {
    const begin = `${this.name}=`;
    const found = header.split(/; */).find((pair) => pair.startsWith(begin));
    return found === undefined || found === begin ? undefined : found.slice(begin.length);
  }

  private get name(): string {
    return this.isSecure ? `__Host-${NAME}` : NAME;
  }

  private cookie(token: string, maxAge: number): string {
    return `${this.name}=${token}; Path=/; Max-Age=${maxAge}; HttpOnly;${this.isSecure ? ' Secure;' : ''} SameSite=Strict`;
  }
}
