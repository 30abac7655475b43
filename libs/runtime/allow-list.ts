import { BlockList, isIPv6 } from 'node:net';
import type { Settings } from './settings.ts';

/** Who may read probes and metrics: in production the listed addresses and ranges, elsewhere everyone. */
export function allowList({ NODE_ENV, METRICS_ALLOW }: Settings): (address: string) => boolean {
  if (NODE_ENV !== 'production') return () => true;
  const allowed = new BlockList();
  for (const entry of METRICS_ALLOW) {
    const [address = '', prefix] = entry.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) allowed.addAddress(address, family);
    else allowed.addSubnet(address, Number(prefix), family);
  }
  return (address) => {
    const plain = address.replace(/^::ffff:/, '');
    return allowed.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
  };
}
