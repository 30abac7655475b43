import type { Logger } from '#libs/observability/logger';
import { refusedMessages } from '#libs/observability/metrics';
import { claimedSenderOf } from './envelope.ts';

const LINE_EVERY_MS = 10_000;

/** Messages that nobody with the bus secret sealed. A line at the first, then at most one in ten seconds with how many came meanwhile. */
export class Forgeries {
  private readonly since = new Map<string, { count: number; saidAt: number }>();

  constructor(
    private readonly logger: Logger,
    private readonly line: 'bus.forged_message' | 'bus.forged_reply' | 'bus.forged_signal',
  ) {}

  note(message: Buffer): void {
    refusedMessages.inc({ reason: 'forged' });
    const claimedSender = claimedSenderOf(message);
    const kind = this.since.get(claimedSender) ?? { count: 0, saidAt: Number.NEGATIVE_INFINITY };
    kind.count += 1;
    this.since.set(claimedSender, kind);
    if (performance.now() - kind.saidAt < LINE_EVERY_MS) return;
    this.logger.error({ claimedSender, count: kind.count, bytes: message.length }, this.line);
    kind.count = 0;
    kind.saidAt = performance.now();
    if (this.since.size > 100) this.since.clear();
  }
}
