import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { AccessTokens, type Claims, claimsOf, TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_ISSUER } from '#libs/auth/access-token';
import { Revocations } from '#libs/auth/revocations';
import type { AnyOperation } from '#libs/contracts/contract';
import { Refusal, refuse } from '#libs/contracts/errors';
import { type EdgeRequest, isRepeated } from './edge-request.ts';
import { RateLimits } from './rate-limits.ts';

export const OPERATION = 'operation';

/** passport-jwt with auth's rotating keys. Times are judged by the guard, on the bus clock. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(private readonly tokens: AccessTokens) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: (_request: unknown, token: string, done: (error: unknown, key?: never) => void) => {
        tokens.keyFor(token).then((key) => (key === undefined ? done(refuse('unauthenticated')) : done(null, key as never)), done);
      },
      algorithms: [TOKEN_ALGORITHM],
      issuer: TOKEN_ISSUER,
      audience: TOKEN_AUDIENCE,
      ignoreExpiration: true,
      // Ours begin at a fraction of a second, which jsonwebtoken compares with a whole one.
      jsonWebTokenOptions: { ignoreNotBefore: true },
      passReqToCallback: true,
    });
  }

  validate(request: EdgeRequest, payload: unknown): Claims {
    const claims = claimsOf(payload);
    if (request.token !== undefined) this.tokens.remember(request.token, claims);
    return claims;
  }
}

/** The coarse rule of the contract, before anything is sent on: the service that owns the object checks again, and finer. */
@Injectable()
export class AccessGuard extends AuthGuard('jwt') {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: AccessTokens,
    private readonly revocations: Revocations,
    private readonly limits: RateLimits,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    try {
      return await this.admit(context);
    } catch (error) {
      // Tokens cannot be tried faster than anything else from one address.
      if (error instanceof Refusal && error.kind === 'unauthenticated')
        await this.limits.admitUnknown(context.switchToHttp().getRequest<EdgeRequest>().ip);
      throw error;
    }
  }

  private async admit(context: ExecutionContext): Promise<boolean> {
    const operation = this.reflector.get<AnyOperation>(OPERATION, context.getHandler());
    const request = context.switchToHttp().getRequest<EdgeRequest>();
    const token = tokenOf(request);
    if (token === undefined) {
      if (operation.access === 'optional') return true;
      throw refuse('unauthenticated');
    }
    request.token = token;
    const claims = this.tokens.remembered(token, request.receivedAt) ?? (await this.check(context, token, request));
    if (this.revocations.covers(claims)) throw refuse('unauthenticated', 'This session has ended');
    request.caller = claims;
    if (operation.access === 'admin' && !claims.roles.includes('admin')) throw refuse('forbidden');
    if (operation.access === 'staff' && !claims.roles.includes('admin') && !claims.roles.includes('support')) throw refuse('forbidden');
    return true;
  }

  override handleRequest<T>(error: unknown, claims: T | false): T {
    if (error !== null && error !== undefined) throw error;
    if (claims === false || claims === undefined || claims === null) throw refuse('unauthenticated', 'The access token is not valid');
    return claims;
  }

  private async check(context: ExecutionContext, token: string, request: EdgeRequest): Promise<Claims> {
    await super.canActivate(context);
    return this.tokens.verify(token, request.receivedAt);
  }
}

function tokenOf(request: EdgeRequest): string | undefined {
  const header = request.headers.authorization;
  if (header === undefined) return undefined;
  if (isRepeated(request, 'authorization')) throw refuse('unauthenticated', 'Send one Authorization header');
  const match = /^bearer +([\w-]+\.[\w-]+\.[\w-]+) *$/i.exec(header);
  if (match === null) throw refuse('unauthenticated', 'Send a Bearer token');
  return match[1];
}
