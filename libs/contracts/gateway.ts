import { contract, operation } from './contract.ts';
import { CountByName, ListOf, OneOf, OneOfByName, Optional, Text, Timestamp } from './fields.ts';
import { DeadLetterPage } from './operations.ts';
import { ById, Nothing, PageQuery } from './page.ts';

export const HEALTHS = ['up', 'degraded', 'down'] as const;
export type Health = (typeof HEALTHS)[number];

export class SystemStatus {
  @OneOf(HEALTHS) status!: Health;
  /** By service: `up`, `degraded` or `down`. */
  @OneOfByName(HEALTHS) services!: Record<string, Health>;
  /** Replicas by service, for staff. */
  @Optional() @CountByName() replicas?: Record<string, number>;
}

export class InboxFilter {
  /** An address or number, matched exactly. */
  @Optional() @Text(1, 254) to?: string;
}
export class InboxMessage {
  @OneOf(['mail', 'sms', 'push']) channel!: string;
  @Text(1, 254) to!: string;
  @Optional() @Text(0, 500) subject?: string;
  @Text(0, 20_000) text!: string;
  @Timestamp() at!: string;
}
export class Inbox {
  @ListOf(() => InboxMessage) items!: InboxMessage[];
}

/** What the gateway answers itself, from the state of all services. */
export const gatewayApi = contract('gateway', {
  operations: {
    status: operation({ summary: 'Which services are up', access: 'optional', http: 'GET /status', in: Nothing, out: SystemStatus }),
    deadLetters: operation({
      summary: 'Events that were given up, of all services',
      access: 'admin',
      http: 'GET /admin/dead-letters',
      in: PageQuery,
      out: DeadLetterPage,
      timeoutMs: 4_000,
    }),
    replayDeadLetter: operation({
      summary: 'Deliver a given-up event again',
      access: 'admin',
      http: 'POST /admin/dead-letters/:id/replay',
      in: ById,
    }),
    dropDeadLetter: operation({
      summary: 'Forget a given-up event',
      access: 'admin',
      http: 'DELETE /admin/dead-letters/:id',
      in: ById,
    }),
  },
});
