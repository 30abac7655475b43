import { isIPv4, isIPv6 } from 'node:net';

/** `::ffff:203.0.113.7` → `203.0.113.7`: what a socket for both families calls an address of IPv4. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

/** The eight groups of an address of IPv6 as text, so that one address is not written in two ways; undefined for anything else. */
export function groupsOf(address: string): string[] | undefined {
  if (!isIPv6(address)) return undefined;
  const [before = '', after] = address.toLowerCase().split('%')[0]?.split('::') ?? [];
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const middle = after === undefined ? [] : Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  return [...head, ...middle, ...tail].map((group) => group.replace(/^0+(?=.)/, ''));
}

/**
 * What limits count an address by: itself in IPv4; in IPv6 its /64, since that is what one customer has, with more addresses in it than anybody
 * could count.
 */
export function limitedAddress(address: string): string {
  if (!address.includes(':')) return address;
  const plain = plainAddress(address);
  const groups = groupsOf(plain);
  return groups === undefined ? plain : `${groups.slice(0, 4).join(':')}::/64`;
}

/** The network of an address: what a provider gives to one customer or a street. /24, in IPv6 /48; undefined when it is no address. */
export function networkOf(address: string): string | undefined {
  const plain = plainAddress(address);
  if (isIPv4(plain)) return plain.replace(/\.\d+$/, '.0/24');
  const groups = groupsOf(plain);
  return groups === undefined ? undefined : `${groups.slice(0, 3).join(':')}::/48`;
}
