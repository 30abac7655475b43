import { Injectable } from '@nestjs/common';
import type { AnyOperation } from '#libs/contracts/contract';
import { refuse } from '#libs/contracts/errors';
import { BusClient, type Forwarded } from '#libs/messaging/bus-client';
import type { VouchedUser } from '#libs/messaging/envelope';
import { Presence } from '#libs/messaging/presence';
import { fromWire, type WireError } from '#libs/messaging/wire-error';
import { byteRoute, ENVELOPE_HEADER } from '#libs/runtime/byte-routes';
import type { EdgeReply } from './edge-request.ts';

/** Streams bytes from the owning service's own port; large answers never cross Redis. */
@Injectable()
export class ByteProxy {
  private next = 0;

  constructor(
    private readonly bus: BusClient,
    private readonly presence: Presence,
  ) {}

  async send(operation: AnyOperation, forwarded: Forwarded, user: VouchedUser | undefined, reply: EdgeReply): Promise<void> {
    const answer = await this.fetch(operation, forwarded, user);
    if (!answer.ok || answer.body === null) throw fromWire((await answer.json()) as WireError);
    for (const header of ['content-type', 'content-length', 'content-disposition', 'cache-control', 'etag']) {
      const value = answer.headers.get(header);
      if (value !== null) reply.header(header, value);
    }
    // Nothing in a picture may run, even when it is opened by itself. Browsers show no PDF in a sandbox.
    if (answer.headers.get('content-type')?.startsWith('image/'))
      reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
    await reply.send(answer.body);
  }

  private async fetch(operation: AnyOperation, forwarded: Forwarded, user: VouchedUser | undefined): Promise<Response> {
    const replicas = await this.presence.replicasOf(operation.service).catch(() => []);
    const ready = replicas.filter((candidate) => candidate.ready);
    this.next += 1;
    const replica = ready[this.next % ready.length];
    if (replica === undefined) throw refuse('unavailable', `${operation.service} is not available right now`);
    try {
      return await fetch(`${replica.url}${byteRoute(operation)}`, {
        headers: { [ENVELOPE_HEADER]: this.bus.sealForBytes(operation, forwarded, replica.instance, user) },
        signal: AbortSignal.timeout(operation.timeoutMs),
      });
    } catch {
      throw refuse('unavailable', `${operation.service} is not available right now`);
    }
  }
}
