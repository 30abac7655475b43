import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';

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

/** Whether an address is one of these addresses and CIDR ranges; what is no address is none of them. */
function addressList(entries: readonly string[]): (address: string) => boolean {
  const listed = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) listed.addAddress(address, family);
    else listed.addSubnet(address, Number(prefix), family);
  }
  return (address) => {
    const plain = address.replace(/^::ffff:/, '');
    return isIP(plain) !== 0 && listed.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
  };
}
