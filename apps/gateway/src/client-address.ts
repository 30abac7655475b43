import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { addressList } from '#libs/runtime/allow-list';

/**
 * From what address a request comes, as Fastify's `request.ip` says it, for requests that Fastify does not see: the nearest one that is no
 * proxy of ours. What stands before that in `X-Forwarded-For` anybody may have written.
 */
export function clientAddresses(proxies: readonly string[]): (request: IncomingMessage) => string {
  const isProxy = addressList(proxies);
  return ({ socket, headers }) => {
    const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
    let address = socket.remoteAddress ?? '';
    while (isProxy(address)) {
      const before = forwarded.pop()?.trim() ?? '';
      if (isIP(before) === 0) break;
      address = before;
    }
    return address;
  };
}
