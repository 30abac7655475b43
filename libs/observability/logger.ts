import type { LoggerService } from '@nestjs/common';
import { type Logger, pino, stdTimeFunctions } from 'pino';
import { currentRequest } from './context.ts';

export type { Logger } from 'pino';

/** Paths that must never reach a log, wherever a whole object is logged by mistake. */
const REDACTED = ['password', 'token', 'accessToken', 'refreshToken', 'authorization', 'otp', 'code', 'email', 'phone', 'signature'];

export interface LogOptions {
  readonly name: string;
  readonly level: string;
  /** Which replica this is, and which release it runs. */
  readonly instance: string;
  readonly version: string;
  /** Colours and one line an event for people; JSON otherwise. */
  readonly pretty: boolean;
}

/** JSON lines on standard output: an event name in `msg`, fields beside it, the request id of the work at hand. */
export function createLogger({ name, level, instance, version, pretty }: LogOptions): Logger {
  return pino({
    name,
    level,
    base: { name, pid: process.pid, instance, version },
    timestamp: stdTimeFunctions.isoTime,
    redact: { paths: REDACTED.flatMap((path) => [path, `*.${path}`]), censor: '[redacted]' },
    mixin: () => {
      const request = currentRequest();
      if (request === undefined) return {};
      return request.traceparent === undefined
        ? { requestId: request.requestId }
        : { requestId: request.requestId, traceId: request.traceparent.slice(3, 35) };
    },
    ...(pretty
      ? {
          transport: {
            target: 'pino-pretty',
            options: { ignore: 'pid,hostname,name,instance,version', translateTime: 'HH:MM:ss.l', singleLine: true },
          },
        }
      : {}),
  });
}

/** Nest's own lines through the same logger, one level lower: its start-up chatter is not news. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: string): void {
    this.logger.debug({ context }, String(message));
  }
  error(message: unknown, stack?: string, context?: string): void {
    this.logger.error({ context, stack }, String(message));
  }
  warn(message: unknown, context?: string): void {
    this.logger.warn({ context }, String(message));
  }
  debug(message: unknown, context?: string): void {
    this.logger.trace({ context }, String(message));
  }
  verbose(message: unknown, context?: string): void {
    this.logger.trace({ context }, String(message));
  }
}
