import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Settings } from './settings.ts';

/** Who may read probes and metrics: in production the listed addresses and ranges, elsewhere everyone. */
export const allowList = ({ NODE_ENV, METRICS_ALLOW }: Settings): ((address: string) => boolean) =>
  NODE_ENV === 'production' ? addressList(METRICS_ALLOW) : () => true;

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
    const plain = address.replace(/^::ffff:/, '');
    return isIP(plain) !== 0 && listed.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
  };
}
