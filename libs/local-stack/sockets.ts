import type { Facts } from './process-environment.ts';
import type { Stores } from './stores.ts';

/** A Unix socket's path has no more bytes on macOS; Linux takes four more. */
const LONGEST_PATH = 103;

/** The path, where a server can listen there. Data folders may lie deeper than a socket's path can say; then there is TCP alone. */
export function socketPath(path: string): string | undefined {
  return process.platform === 'win32' || Buffer.byteLength(path) > LONGEST_PATH ? undefined : path;
}

/**
 * The URLs for our own processes, which reach our own stores for less through their sockets: Postgres' folder as `?host=`, as libpq has it,
 * and Redis' socket as `?path=`, as ioredis has it. They go before host and port. What was named from outside stays as it is.
 */
export function throughSockets(
  { redisUrls, sockets }: Stores,
  databaseUrls: Readonly<Record<string, string>>,
  named: Readonly<Record<string, string>>,
): Pick<Facts, 'databaseUrls' | 'redisUrls'> {
  const through = <Name extends string>(
    urls: Readonly<Record<Name, string>>,
    parameter: string,
    socketOf: (name: Name) => string | undefined,
  ) =>
    Object.fromEntries(
      Object.entries<string>(urls).map(([name, url]) => [name, withParameter(url, parameter, socketOf(name as Name))]),
    ) as Record<Name, string>;
  return {
    databaseUrls: through(databaseUrls, 'host', (name) => (name in named ? undefined : sockets.postgres)),
    redisUrls: through(redisUrls, 'path', (role) => sockets.redis[role]),
  };
}

function withParameter(url: string, name: string, value: string | undefined): string {
  if (value === undefined) return url;
  const own = new URL(url);
  own.searchParams.set(name, value);
  return own.href;
}
