import type { IncomingMessage } from 'node:http';
import type { Logger } from '#libs/observability/logger';
import { addressList, isPrivateAddress, shortenedAddress } from './client-address.ts';
import { distrustedForwards } from './gateway.metrics.ts';

const EVERY_MS = 60_000;

/**
 * Notices a proxy of ours that `TRUST_PROXY` does not name: a private address that sends `X-Forwarded-For`. Behind it all customers count as
 * one, so one of them uses up the limits of all.
 */
export class UntrustedProxy {
  private readonly isTrusted: (address: string) => boolean;
  private saidAt = Number.NEGATIVE_INFINITY;

  constructor(
    proxies: readonly string[],
    private readonly logger: Logger,
  ) {
    this.isTrusted = addressList(proxies);
    distrustedForwards.inc(0);
  }

  note({ headers, socket }: IncomingMessage): void {
    if (headers['x-forwarded-for'] === undefined) return;
    const address = socket.remoteAddress ?? '';
    if (!isPrivateAddress(address) || this.isTrusted(address)) return;
    distrustedForwards.inc();
    if (performance.now() - this.saidAt < EVERY_MS) return;
    this.saidAt = performance.now();
    this.logger.error(
      { network: shortenedAddress(address), remedy: 'name the proxies in TRUST_PROXY' },
      'edge.proxy_not_trusted: all customers behind it share the rate limits of one address',
    );
  }
}
