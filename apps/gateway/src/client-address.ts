import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import { networkOf, plainAddress } from '#libs/auth/network-address';

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

/** What of an address is logged: its network (/24, in IPv6 /48), which is enough to see an attack and names nobody. */
export const shortenedAddress = (address: string): string => networkOf(address) ?? 'unknown';

/** Whether these can be told apart from everybody: addresses and CIDR ranges of at most a large private network. */
export function areProxies(entries: readonly string[]): boolean {
  return entries.every((entry) => {
    const [address = '', prefix, ...rest] = entry.split('/');
    if (isIP(address) === 0 || rest.length > 0) return false;
    if (prefix === undefined) return true;
    return /^\d{1,3}$/.test(prefix) && Number(prefix) >= WIDEST_PREFIX && Number(prefix) <= (isIPv4(address) ? 32 : 128);
  });
}

const WIDEST_PREFIX = 7;

/** Addresses that no customer has: what stands there and forwards is a proxy. */
export const isPrivateAddress = addressList([
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['::1', 'fc00::/7', 'fe80::/10'],
]);

/** Whether an address is one of these addresses and CIDR ranges; what is no address is none of them. */
export function addressList(entries: readonly string[]): (address: string) => boolean {
  const listed = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) listed.addAddress(address, family);
    else listed.addSubnet(address, Number(prefix), family);
  }
  return (address) => {
    const plain = plainAddress(address);
    return isIP(plain) !== 0 && listed.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
  };
}
